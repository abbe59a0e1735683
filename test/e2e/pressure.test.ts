// Under a flood of handshakes that never end, and after very many sessions: both transports, with figures.
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { p99Of, serveOnce } from '../support/bystander.ts';
import { Crowd } from '../support/crowd.ts';
import { startDaemon } from '../support/daemon.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

const HALF_OPEN = 2000;
const HANDSHAKES = 512;
/** Clients that come one after the other, and how many of the crowd come back before each. */
const CLIENTS = 300;
const COME_BACK = 10;
const LIMIT_MS = 200;

/** Ten times as many where somebody has the time. */
const SESSIONS = process.env['PICOSOCKS5_TEST_LONG'] === '1' ? 100_000 : 20_000;
const LANES = 4;
const MAX_GROWTH_KB = 16_384;

for (const { name } of transports) {
  test.serial(`${name}: ${HALF_OPEN} half-open handshakes keep out nobody who is quick`, async (t) => {
    const echo = await echoServer(t);
    const { port, line, lines } = await startDaemon(t, [
      ...['--transport', name, '--limit', `total handshakes=${HANDSHAKES}`],
    ]);
    const crowd = new Crowd(port, HALF_OPEN);
    t.teardown(() => crowd.disperse());
    while (crowd.opened < HALF_OPEN) await crowd.refill(200);
    const p99 = await p99Of(() => serveOnce(port, echo), {
      ...{ samples: CLIENTS, limitMs: LIMIT_MS },
      prelude: () => crowd.refill(COME_BACK),
    });
    t.log(
      `p99 of ${CLIENTS} new clients, connect to echo: ${p99.toFixed(1)} ms; ` +
        `the crowd opened ${crowd.opened}, ${crowd.sentAway} were sent away`,
    );
    t.true(p99 < LIMIT_MS);
    t.true(crowd.sentAway >= HALF_OPEN - HANDSHAKES);
    t.regex(await line(/ turned-away /), /why=PRESSED_OUT detail="total handshakes=512 \(command line\)"/);
    t.true(lines.filter((each) => each.includes('turned-away')).length < 10);
  });

  test.serial(`${name}: ${SESSIONS} sessions one after the other leave nothing behind`, async (t) => {
    const echo = await echoServer(t);
    const { port, pid } = await startDaemon(t, ['--transport', name, '--loglevel', 'notice']);
    // The heap has its size after some thousands.
    await passThrough(port, echo, SESSIONS / 2);
    const before = await settledSize(pid, 0);
    await passThrough(port, echo, (SESSIONS / 4) * 3);
    const after = await settledSize(pid, before.descriptors);
    t.log(
      `${(SESSIONS / 4) * 5} sessions: after ${SESSIONS / 2} of them ${before.rssKb} KiB and ${before.descriptors} descriptors, ` +
        `after all ${after.rssKb} KiB and ${after.descriptors}`,
    );
    t.true(after.descriptors <= before.descriptors + 2);
    t.true(after.rssKb <= before.rssKb + MAX_GROWTH_KB);
  });
}

/** Sessions that move a byte each way, a few at a time. They end by RST: FIN would leave ports in TIME_WAIT. */
async function passThrough(port: number, echo: number, count: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const wire = await connectThrough(port, echo);
      wire.send('x');
      await wire.take(1);
      wire.socket.resetAndDestroy();
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

interface Size {
  readonly rssKb: number;
  readonly descriptors: number;
}

/** Of the daemon, once the last sessions have gone: when descriptors are as `few` as before, or stay as they are. */
async function settledSize(pid: number, few: number): Promise<Size> {
  const descriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;
  let last = Infinity;
  for (let now = descriptors(); now > few && now < last; now = descriptors()) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return { rssKb: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]), descriptors: descriptors() };
}
