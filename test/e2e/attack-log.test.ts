// Clients that are refused by the thousand while nobody reads the log: records of 200 neighbours are those of their network.
import test from 'ava';
import { dialFrom, hammer } from '../support/attackers.ts';
import { echoOnce, p99Of } from '../support/bystander.ts';
import { startDaemon } from '../support/daemon.ts';
import { countersOf, residentBytes, untilLive } from '../support/footprint.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const REFUSED = 6000;
const MOST_OF_NETWORK = 100;
const LIMIT_MS = 250;
/** The longest name, of bytes that take four characters each in the log. */
const NAME = Buffer.alloc(255, 1);

test.serial(
  '6,000 refusals fill neither memory nor the time of others while the log stands still',
  async (t) => {
    const echo = await echoServer(t);
    const daemon = await startDaemon(t);
    const bystander = await connectThrough(daemon.port, echo);
    await untilLive(daemon, 1);
    const before = residentBytes(daemon);
    const log = daemon.process.stderr!;
    log.pause();
    const attack = hammer(REFUSED, 8, async (id) => {
      const wire = await dialFrom(t, `127.0.3.${1 + (id % 200)}`, daemon.port);
      await enter(wire);
      wire.send(Buffer.concat([Uint8Array.of(5, 1, 0, 3, NAME.length), NAME, Uint8Array.of(0, 80)]));
      t.is((await wire.take(2))[1], 4);
      wire.socket.destroy();
    });
    const p99 = await p99Of(() => echoOnce(bystander), { samples: 100, limitMs: LIMIT_MS });
    await attack;
    const grown = residentBytes(daemon) - before;
    log.resume();
    const { refused } = await countersOf(daemon);
    bystander.socket.destroy();
    daemon.signal('SIGTERM');
    await daemon.line(/ stopped /);

    const told = daemon.lines.filter((line) => line.includes(' refused ')).length;
    const together = daemon.lines.flatMap((line) => / refused-more .*count=(\d+)/.exec(line)?.[1] ?? []);
    const counted = together.reduce((sum, count) => sum + Number(count), 0);
    t.log(
      `${refused ?? 0} refused, ${told} records of one, ${together.length} of many; ` +
        `${Math.round(grown / 1024)} KiB more memory; p99 of a bystander ${p99.toFixed(1)} ms`,
    );
    t.is(refused, REFUSED);
    t.is(told, MOST_OF_NETWORK);
    t.is(told + counted, REFUSED);
    t.true(grown < 48 * 1_048_576, `${grown} bytes more`);
    t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
  },
);
