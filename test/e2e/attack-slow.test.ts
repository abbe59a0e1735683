// Clients that take their time: a byte now and then, for ever, and what becomes of them.
import test from 'ava';
import { dialFrom, hammer } from '../support/attackers.ts';
import { p99Of, serveOnce } from '../support/bystander.ts';
import { startDaemon } from '../support/daemon.ts';
import { descriptorsOf, residentBytes, untilGivenBack, untilLive } from '../support/footprint.ts';
import type { Wire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';

const SLOW = 500;
/** A byte each second with the default of 15 s, five times as fast. */
const HANDSHAKE_MS = 3000;
const BYTE_MS = 200;
const LIMIT_MS = 250;
/** The greeting with all the methods that there can be would last for 51 s. */
const METHODS = 255;

test.serial(
  'handshakes of one byte at a time are gone after handshake-timeout, without a word',
  async (t) => {
    const echo = await echoServer(t);
    const daemon = await startDaemon(t, ['--handshake-timeout', `${HANDSHAKE_MS}ms`, '--loglevel', 'notice']);
    await serveOnce(daemon.port, echo);
    await untilLive(daemon, 0);
    const before = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon) };

    const wires: Wire[] = [];
    const lives: number[] = [];
    const answers: string[] = [];
    const endings: Promise<void>[] = [];
    await hammer(SLOW, 16, async (id) => {
      const wire = await dialFrom(t, `127.0.2.${1 + (id % 100)}`, daemon.port);
      const cameAt = performance.now();
      wire.send(Uint8Array.of(5, METHODS));
      wires.push(wire);
      const ending = wire.rest().catch(() => Buffer.alloc(0));
      endings.push(
        ending.then((answer) => {
          answers.push(answer.toString('hex'));
          lives.push(performance.now() - cameAt);
          wire.socket.destroy();
        }),
      );
    });
    const drip = setInterval(() => {
      for (const wire of wires) if (wire.socket.writable) wire.send(Uint8Array.of(0));
    }, BYTE_MS);
    t.teardown(() => clearInterval(drip));
    const grown = residentBytes(daemon) - before.bytes;
    const p99 = await p99Of(() => serveOnce(daemon.port, echo), { samples: 60, limitMs: LIMIT_MS });
    await Promise.all(endings);
    clearInterval(drip);
    await untilGivenBack(daemon, before.descriptors);

    const [first, last] = [Math.min(...lives), Math.max(...lives)];
    t.log(
      `${SLOW} slow clients lived from ${first.toFixed(0)} to ${last.toFixed(0)} ms, ` +
        `${Math.round(grown / SLOW / 1024)} KiB each; p99 of new sessions meanwhile ${p99.toFixed(1)} ms`,
    );
    t.deepEqual(new Set(answers), new Set(['']));
    t.true(first > HANDSHAKE_MS / 2, `the first one went after ${first} ms`);
    t.true(last < HANDSHAKE_MS + 5000, `the last one went after ${last} ms`);
    daemon.signal('SIGTERM');
    await daemon.line(/ stopped /);
    t.is(
      daemon.lines.reduce((sum, line) => sum + timeoutsIn(line), 0),
      SLOW,
    );
    t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
  },
);

/** Refusals that a record tells of: its own, or those of many together. */
function timeoutsIn(line: string): number {
  if (/ refused .*why=HANDSHAKE_TIMEOUT/.test(line)) return 1;
  return Number(/ refused-more .*HANDSHAKE_TIMEOUT:(\d+)/.exec(line)?.[1] ?? 0);
}
