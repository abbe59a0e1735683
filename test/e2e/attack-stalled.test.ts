// Targets that send for ever to clients that read nothing: 200 at once, what they hold, and that all of it comes back.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { hammer } from '../support/attackers.ts';
import { echoOnce, p99Of } from '../support/bystander.ts';
import { startDaemon } from '../support/daemon.ts';
import { countersOf, descriptorsOf, residentBytes, untilGivenBack, untilLive } from '../support/footprint.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const STALLED = 200;
const MiB = 1_048_576;
const LIMIT_MS = 250;
const CHUNK = Buffer.alloc(65_536);

interface Fountain {
  readonly port: number;
  /** Settles once `count` clients get no more: none of them has taken a byte for 300 ms. */
  stuck(count: number): Promise<void>;
}

/** Sends to everybody who comes, for as long as anybody takes it. */
async function fountain(t: ExecutionContext): Promise<Fountain> {
  const sockets = new Set<Socket>();
  let lastTaken = performance.now();
  const pour = (socket: Socket): void => {
    lastTaken = performance.now();
    while (socket.writable && socket.write(CHUNK));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('drain', () => pour(socket));
    pour(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stuck(count) {
      while (sockets.size < count || performance.now() - lastTaken < 300) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

test.serial(
  '200 clients that read nothing are bounded and harm nobody, and their resets give all back',
  async (t) => {
    const echo = await echoServer(t);
    const daemon = await startDaemon(t, ['--loglevel', 'notice']);
    const bystander = await connectThrough(daemon.port, echo);
    await echoOnce(bystander);
    const before = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon) };
    const round = async (): Promise<{ bytes: number; p99: number }> => {
      const source = await fountain(t);
      const clients: Wire[] = [];
      await hammer(STALLED, 8, async () => {
        const wire = await connectThrough(daemon.port, source.port);
        wire.socket.pause();
        clients.push(wire);
      });
      const p99 = await p99Of(() => echoOnce(bystander), { samples: 100, limitMs: LIMIT_MS });
      await source.stuck(STALLED);
      const bytes = residentBytes(daemon);
      for (const { socket } of clients) socket.resetAndDestroy();
      await untilLive(daemon, 1);
      return { bytes, p99 };
    };
    const first = await round();
    const second = await round();
    const { down } = await countersOf(daemon);
    bystander.socket.destroy();
    await untilGivenBack(daemon, before.descriptors - 2);

    const each = (first.bytes - before.bytes) / STALLED;
    t.log(
      `${Math.round(each / 1024)} KiB for each stalled session, the second ${STALLED} took ` +
        `${((second.bytes - first.bytes) / MiB).toFixed(1)} MiB more; p99 of a bystander ${first.p99.toFixed(1)} and ` +
        `${second.p99.toFixed(1)} ms; ${Math.round((down ?? 0) / MiB)} MiB were passed on`,
    );
    t.true(each < MiB, `${each} bytes for each stalled session`);
    t.true(
      second.bytes < first.bytes + (STALLED * MiB) / 4,
      'the second round grows by what the first left behind',
    );
    t.true(Math.max(first.p99, second.p99) < LIMIT_MS, `p99 was ${first.p99} and ${second.p99} ms`);
  },
);
