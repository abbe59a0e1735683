// A fleet whose store hangs, is full or is away: no client waits for it, and members catch up.
import { readdirSync, readFileSync } from 'node:fs';
import { gather, letsIn, two } from '../support/fleet.ts';
import type { Steered } from '../support/pis5ctl.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough, greet } from '../support/socks.ts';
import { needingRedis, startStore } from '../support/store.ts';
import { echoServer } from '../support/targets.ts';
import { statusOf, until } from '../support/workers.ts';

const K = 1024;

needingRedis('a store that hangs keeps no client waiting, and nothing grows', async (t) => {
  const store = await startStore(t);
  const [m1, m2] = await two(t, store, ['--limit', 'client sessions=50']);
  const echo = await echoServer(t);
  const load = async (): Promise<void> => {
    for (let each = 0; each < 100; each++) t.true(await letsIn(m1, echo, `127.0.1.${each}`));
  };
  await load();
  store.signal('SIGSTOP');
  const [before, startedAt] = [footprintOf(m1), performance.now()];
  await m1.daemon.line(/ fleet-lost /);
  // Several attempts, each of which finds a store that takes a connection and says nothing.
  while (performance.now() - startedAt < 5000) await load();
  const after = footprintOf(m1);
  t.true(after.bytes < before.bytes + 24 * K * K, `${before.bytes} to ${after.bytes} bytes`);
  t.true(after.sockets <= before.sockets + 2, `${before.sockets} to ${after.sockets} sockets`);
  store.signal('SIGCONT');
  await m1.daemon.line(/ fleet-joined /);
  await gather([m1, m2]);
});

needingRedis('a store that is full is told of once, and gets all that it has missed', async (t) => {
  const store = await startStore(t);
  const [m1, m2] = await two(t, store, ['--ban-allow', '192.0.2.1']);
  await store.ask('config', 'set', 'maxmemory', '1');
  t.regex(await m1.daemon.line(/ fleet-refused /), /OOM/);
  t.is((await m1.ctl('ban', '127.0.0.9', '1h')).status, 0);
  t.regex((await m1.ctl('status')).stdout, /fleet: +blue, as m1, .*ALONE .*full.*OOM/);
  await store.ask('config', 'set', 'maxmemory', '0');
  await m1.daemon.line(/ fleet-joined /);
  await until(async () => (await greet(m2.daemon.port, '127.0.0.9')) === 'reset');
  t.is(
    m1.daemon.lines.filter((line) => line.includes(' fleet-refused ')).length,
    1,
    m1.daemon.lines.join('\n'),
  );
  const joined = /fleet: +blue, as m1, .*joined .*m1 m2/;
  await t.notThrowsAsync(until(async () => joined.test((await m1.ctl('status')).stdout)));
});

needingRedis('without a store each member allows its part, where it is told to', async (t) => {
  const store = await startStore(t);
  const [m1, m2] = await two(t, store, ['--limit', 'client sessions=4', '--fleet-alone', 'divided']);
  const echo = await echoServer(t);
  await store.kill();
  const held: Wire[] = [];
  /** How many sessions one client may have at the first member now. */
  const room = async (): Promise<number> => {
    for (const wire of held.splice(0)) wire.socket.destroy();
    await until(async () => (await statusOf(m1)).live === 0);
    for (let each = 0; each < 5; each++) {
      const wire = await connectThrough(m1.daemon.port, echo).catch(() => undefined);
      if (wire !== undefined) held.push(wire);
    }
    return held.length;
  };
  await t.notThrowsAsync(until(async () => (await room()) === 2));
  await store.start();
  await gather([m1, m2]);
  await t.notThrowsAsync(until(async () => (await room()) === 4));
});

function footprintOf({ daemon }: Steered): { readonly bytes: number; readonly sockets: number } {
  const [, pages = ''] = readFileSync(`/proc/${daemon.pid}/statm`, 'utf8').split(' ');
  return { bytes: Number(pages) * 4096, sockets: readdirSync(`/proc/${daemon.pid}/fd`).length };
}
