// What a session of each kind takes of the heap, against what daemon/host/capacity.ts counts for it.
import type { TLSSocket } from 'node:tls';
import test from 'ava';
import { blackHole } from '../support/blackhole.ts';
import { startDaemon } from '../support/daemon.ts';
import { HEAP_PROBE, heapOf } from '../support/heap.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { askTls, dialTls, tlsDaemon } from '../support/tlsdoor.ts';
import { transports } from '../support/transports.ts';

/** KiB of a session: the same as SESSION_KIB. */
const MOST_KIB: Readonly<Record<string, number>> = { engine: 8, streams: 12 };
const MOST_KIB_OF_TLS = 28;

const SESSIONS = 300;
/** A handshake costs much. */
const TLS_SESSIONS = 100;

const GREETING = [5, 1, 0];

/** A request to a port of 127.0.0.1. */
function request(command: number, port: number): Uint8Array {
  return Uint8Array.of(5, command, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff);
}

/** Ends when the daemon has answered `answer` bytes, 0: when it has all. */
async function begin(port: number, messages: readonly Uint8Array[], answer: number): Promise<Wire> {
  const wire = await dialWire(port);
  for (const message of messages) wire.send(message);
  await wire.take(answer);
  return wire;
}

for (const { name } of transports) {
  test.serial(`${name}: no kind of session takes more of the heap than is counted for it`, async (t) => {
    const [echo, hole] = [await echoServer(t), await blackHole(t)];
    const greeting = Uint8Array.from(GREETING);
    const kinds: readonly (readonly [string, readonly Uint8Array[], number])[] = [
      ['greeting', [greeting], 2],
      ['connecting', [greeting, request(1, hole)], 2],
      ['relaying', [greeting, request(1, echo)], 12],
      ['associated', [greeting, request(3, 0)], 12],
    ];
    const daemon = await startDaemon(
      t,
      ['--transport', name, '--loglevel', 'notice', '--connect-timeout', '5m'],
      {
        env: HEAP_PROBE,
      },
    );
    for (const [kind, messages, answer] of kinds) {
      const wires = [await begin(daemon.port, messages, answer)];
      const before = await heapOf(daemon);
      for (let each = 0; each < SESSIONS; each++) wires.push(await begin(daemon.port, messages, answer));
      const kib = ((await heapOf(daemon)).used - before.used) / SESSIONS / 1024;
      t.log(`${kind}: ${kib.toFixed(1)} KiB`);
      t.true(kib < (MOST_KIB[name] ?? 0), `${kind} takes ${kib} KiB`);
      for (const { socket } of wires) socket.resetAndDestroy();
    }
  });
}

for (const { name } of transports) {
  test.serial(`${name}: a session in TLS takes no more of the heap than is counted for it`, async (t) => {
    const echo = await echoServer(t);
    const options = { env: HEAP_PROBE };
    const { daemon, port } = await tlsDaemon(t, `transport = ${name}\nloglevel = notice\n`, options);
    const sockets: TLSSocket[] = [];
    const session = async (asked: Uint8Array): Promise<void> => {
      const socket = await dialTls(t, port);
      sockets.push(socket);
      await askTls(socket, Buffer.concat([Uint8Array.from(GREETING), asked]), 12);
    };
    for (const [kind, asked] of [
      ['relaying', request(1, echo)],
      ['associated', request(3, 0)],
    ] as const) {
      await session(asked);
      const before = await heapOf(daemon);
      for (let each = 0; each < TLS_SESSIONS; each++) await session(asked);
      const kib = ((await heapOf(daemon)).used - before.used) / TLS_SESSIONS / 1024;
      t.log(`${kind}: ${kib.toFixed(1)} KiB`);
      t.true(kib < MOST_KIB_OF_TLS, `${kind} takes ${kib} KiB`);
      for (const socket of sockets.splice(0)) socket.destroy();
    }
  });
}

test('the program gives itself the heap for all of them, and NODE_OPTIONS another', async (t) => {
  const mib = ({ limit }: { limit: number }): number => Math.floor(limit / 2 ** 20);
  const usual = mib(await heapOf(await startDaemon(t, [], { env: HEAP_PROBE })));
  // V8 adds some for the young generation.
  t.true(usual >= 2048 && usual < 2100, `${usual}`);
  const env = { NODE_OPTIONS: `${HEAP_PROBE.NODE_OPTIONS} --max-old-space-size=700` };
  const chosen = mib(await heapOf(await startDaemon(t, [], { env })));
  t.true(chosen >= 700 && chosen < 750, `${chosen}`);
});
