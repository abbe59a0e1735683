// Targets that send for ever to clients that read nothing: 200 at once, what they hold, and that all of it comes back.
import test from 'ava';
import { hammer } from '../support/attackers.ts';
import { echoOnce, p99Of } from '../support/bystander.ts';
import { startDaemon } from '../support/daemon.ts';
import { countersOf, descriptorsOf, residentBytes, untilGivenBack, untilLive } from '../support/footprint.ts';
import { startFountain } from '../support/fountain.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const STALLED = 200;
const MiB = 1_048_576;
const LIMIT_MS = 250;

test.serial(
  '200 clients that read nothing are bounded and harm nobody, and their resets give all back',
  async (t) => {
    const echo = await echoServer(t);
    const daemon = await startDaemon(t, ['--loglevel', 'notice']);
    const bystander = await connectThrough(daemon.port, echo);
    await echoOnce(bystander);
    const before = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon) };
    const round = async (): Promise<{ bytes: number; p99: number }> => {
      const source = await startFountain(t);
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
