import test from 'ava';
import { ROOM_UNITS } from '../../src/observe/lines/linequeue.ts';
import { LINE_COST_UNITS } from '../../src/observe/lines/lineroom.ts';
import { LocalSyslog } from '../../src/observe/syslog/localsyslog.ts';
import type { Sent, SyslogSender } from '../../src/observe/syslog/syslogsender.ts';
import { droppedLine, textLine } from '../support/logline.ts';

/** Answers what it is told to. */
class ScriptedSender implements SyslogSender {
  answer: Sent = 'sent';
  readonly taken: string[] = [];
  send(priority: number, text: string): Sent {
    if (this.answer === 'sent') this.taken.push(`<${priority}>${text}`);
    return this.answer;
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

for (const answer of ['full', 'gone'] as const) {
  test(`lines wait while the sender says ${answer}, and follow in order`, async (t) => {
    const sender = new ScriptedSender();
    const sink = new LocalSyslog(sender, droppedLine);
    sink.write(textLine('one'));
    sender.answer = answer;
    sink.write(textLine('two', 'warn'));
    sender.answer = 'sent';
    sink.write(textLine('three'));
    t.deepEqual(sender.taken, ['<30>one']);
    const keepAlive = setTimeout(() => undefined, 5000);
    await sink.drained();
    clearTimeout(keepAlive);
    t.deepEqual(sender.taken, ['<30>one', '<28>two', '<30>three']);
    await sink.close();
  });
}

test('wake() hands over at once and tells what had no room', (t) => {
  const sender = new ScriptedSender();
  const sink = new LocalSyslog(sender, droppedLine);
  sender.answer = 'full';
  const text = 'x'.repeat(1000);
  const most = Math.floor(ROOM_UNITS.sessions / (text.length + LINE_COST_UNITS));
  for (let at = 0; at < most + 5; at++) sink.write(textLine(text));
  sender.answer = 'sent';
  sink.wake();
  t.is(sender.taken.length, most + 1);
  t.is(sender.taken.at(-1), '<28>log-dropped ended:5');
});
