// The connection to a real store: a store that hangs ends it, and nothing of it is left.
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'iovalkey';
import type { ExecutionContext } from 'ava';
import { StoreFailure, StoreLink } from '../../../src/daemon/fleet/storelink.ts';
import { needingRedis, startStore, type Store } from '../../support/store.ts';
import { until } from '../../support/workers.ts';

function open({ port }: Store, login?: { user: string; password: string }): Promise<StoreLink> {
  const store = { isSecure: false, host: '127.0.0.1', port, database: 1 };
  return StoreLink.open(Redis, { store, login, ca: undefined });
}

async function troubleOf(t: ExecutionContext, work: Promise<unknown>): Promise<string | undefined> {
  const failure = await t.throwsAsync(work, { instanceOf: StoreFailure });
  return failure.trouble;
}

function sockets(): number {
  return process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap').length;
}

needingRedis('answers come back, and a refusal is one: the connection goes on', async (t) => {
  const store = await startStore(t);
  const link = await open(store);
  t.is(await link.run('HSET', 'key', 'field', 'value'), 1);
  t.is(await troubleOf(t, link.run('XADD', 'key', '*', 'd', 'x')), 'refused');
  t.is(await link.run('HGET', 'key', 'field'), 'value');
  await store.ask('config', 'set', 'maxmemory', '1');
  t.is(await troubleOf(t, link.run('HSET', 'key', 'field', 'other')), 'full');
  link.close();
  t.is(await troubleOf(t, open(store, { user: 'nobody', password: 'wrong' })), 'refused');
});

needingRedis(
  'a store that hangs is given up, and so is each attempt to reach it; no socket and no command is left',
  async (t) => {
    const store = await startStore(t);
    const link = await open(store);
    const before = sockets();
    store.signal('SIGSTOP');
    t.is(await troubleOf(t, link.run('TIME')), 'away');
    t.is(await troubleOf(t, link.run('TIME')), 'away', 'it does not wait a second time');
    const attempts = await Promise.all([1, 2, 3].map(() => troubleOf(t, open(store))));
    t.deepEqual(attempts, ['away', 'away', 'away']);
    await until(() => sockets() < before);
    store.signal('SIGCONT');
    (await open(store)).close();
  },
);

needingRedis('a store that is not there is told with the reason of the system', async (t) => {
  const store = await startStore(t);
  const link = await open(store);
  await store.kill();
  await delay(20);
  t.is(await troubleOf(t, link.run('TIME')), 'away');
  const failure = await t.throwsAsync(open(store), { instanceOf: StoreFailure });
  t.regex(failure.message, /ECONNREFUSED/);
});
