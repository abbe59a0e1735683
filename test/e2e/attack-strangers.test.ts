// All places taken by handshakes that never end, from many addresses of one network: an honest client that came before them and is
// slow keeps its place, and so does one that comes in the middle.
import { setImmediate as immediately } from 'node:timers/promises';
import test from 'ava';
import { dialFrom } from '../support/attackers.ts';
import { Crowd } from '../support/crowd.ts';
import { startDaemon } from '../support/daemon.ts';
import type { Wire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

const CROWD = 120;
const ADDRESSES = Array.from({ length: 100 }, (_, at) => `127.9.1.${at + 1}`);

/** What has too few places, and the record of it. */
const SCARCITIES = [
  { title: 'maxconn', args: ['--maxconn', '40'], wrapper: [], detail: 'maxconn 40' },
  { title: 'descriptors', args: [], wrapper: ['prlimit', '--nofile=128'], detail: 'descriptors for .*' },
] as const;

for (const { name } of transports) {
  for (const { title, args, wrapper, detail } of SCARCITIES) {
    test.serial(`${name}, ${title}: a flood of one network puts out nobody else, however slow`, async (t) => {
      const echo = await echoServer(t);
      const { port, line } = await startDaemon(t, ['--transport', name, ...args], { wrapper });
      const crowd = new Crowd(port, CROWD, ADDRESSES);
      t.teardown(() => crowd.disperse());

      const early = await dialFrom(t, '127.0.0.1', port);
      await enter(early);
      await press(crowd, CROWD);
      const late = await dialFrom(t, '127.8.0.1', port);
      await press(crowd, CROWD);
      await enter(late);
      await press(crowd, CROWD);

      for (const wire of [early, late]) t.is(await ask(wire, echo), 'slow');
      t.regex(
        await line(/ turned-away .*PRESSED_OUT/),
        new RegExp(`client=127\\.9\\.1\\..*detail="${detail}`),
      );
      t.log(`the crowd opened ${crowd.opened}, ${crowd.sentAway} were sent away`);
    });
  }
}

/** Clients of the crowd come until so many more were sent away: there is no place that was not taken by force. */
async function press(crowd: Crowd, count: number): Promise<void> {
  for (const enough = crowd.sentAway + count; crowd.sentAway < enough;) {
    await crowd.refill(20);
    // They hear that they were sent away.
    await immediately();
  }
}

/** The request at last, and what comes back of a word. */
async function ask(wire: Wire, port: number): Promise<string> {
  wire.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff));
  await wire.take(10);
  wire.send('slow');
  return (await wire.take(4)).toString();
}
