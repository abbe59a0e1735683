// Whose handshake begins next, by a clock of the test.
import test from 'ava';
import { Deadline } from '../../../src/base/deadline.ts';
import { Fault } from '../../../src/base/fault.ts';
import { HandshakeTurns } from '../../../src/net/tls/handshaketurns.ts';

/** A clock that a test moves, with what is due. */
function clock() {
  let now = 0;
  let due: { at: number; then: () => void }[] = [];
  const turns = new HandshakeTurns(
    () => now,
    (milliseconds, then) => void due.push({ at: now + milliseconds, then }),
  );
  const forever = new Deadline(0, 'HANDSHAKE_TIMEOUT');
  const begun: string[] = [];
  const refused: string[] = [];
  return {
    turns,
    begun,
    refused,
    wait: (client: string, deadline = forever) =>
      void turns.wait(['network', client], deadline).then(
        () => begun.push(client),
        (fault: unknown) => refused.push(`${client} ${(fault as Fault).code}`),
      ),
    /** Work of a handshake that takes so long. */
    work: (milliseconds: number) => turns.measure(() => (now += milliseconds)),
    until: async (moment: number) => {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const next = due.sort((one, other) => one.at - other.at)[0];
        if (next === undefined || next.at > moment) break;
        due = due.slice(1);
        now = Math.max(now, next.at);
        next.then();
      }
      now = Math.max(now, moment);
    },
  };
}

const count = (names: readonly string[], name: string) => names.filter((each) => each === name).length;

test('a client begins 64 handshakes in a second, and another one is not behind them', async (t) => {
  const { wait, begun, until } = clock();
  for (let each = 0; each < 200; each++) wait('flood');
  wait('guest');
  await until(999);
  t.is(count(begun, 'flood'), 64);
  t.true(begun.indexOf('guest') < 3, `${begun.indexOf('guest')}`);
  await until(1999);
  t.is(count(begun, 'flood'), 128);
  await until(2999);
  t.is(count(begun, 'flood'), 192);
});

test('after the work of a handshake the thread has as long for everything else', async (t) => {
  const { wait, begun, until, work } = clock();
  wait('one');
  await until(0);
  t.deepEqual(begun, ['one']);
  work(20);
  work(10);
  wait('two');
  // It is the moment 30 now.
  await until(59);
  t.deepEqual(begun, ['one']);
  await until(60);
  t.deepEqual(begun, ['one', 'two']);
});

test('256 handshakes of a client wait, one more gives way, and who is called off is told why', async (t) => {
  const { wait, begun, refused, until } = clock();
  const deadline = new Deadline(0, 'HANDSHAKE_TIMEOUT');
  wait('called off', deadline);
  for (let each = 0; each < 257; each++) wait('flood');
  deadline.end(new Fault('HANDSHAKE_TIMEOUT'));
  await until(100);
  t.deepEqual(refused.sort(), ['called off HANDSHAKE_TIMEOUT', 'flood PRESSED_OUT']);
  t.is(count(begun, 'called off'), 0);
});
