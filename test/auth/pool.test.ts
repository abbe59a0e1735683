import test from 'ava';
import type { Hash } from '../../src/auth/hashing/hash.ts';
import { HashPool, POOL_LIMITS, type PoolLimits } from '../../src/auth/hashing/pool.ts';
import { Fault } from '../../src/base/fault.ts';
import { parseIp, type Ip } from '../../src/base/ip.ts';

const A = parseIp('192.0.2.1')!;
const B = parseIp('192.0.2.2')!;
const PLAIN: Hash = { kind: 'plain', text: 'secret' };
/** bcrypt cost 8: long enough that everything else is queued behind it. */
const SLOW: Hash = { kind: 'bcrypt', text: '$2b$08$abcdefghijklmnopqrstuu' + 'a'.repeat(31) };
/** No pattern lets this through, and nothing can be computed with it. */
const BROKEN: Hash = { kind: 'sha512', text: 'no hash' };

function job(...hashes: Hash[]) {
  return { password: new Uint8Array(Buffer.from('secret')), hashes };
}

function poolFor(
  t: { teardown: (end: () => Promise<void>) => void },
  limits: Partial<PoolLimits> = {},
): HashPool {
  const pool = new HashPool({ ...POOL_LIMITS, maxThreads: 1, ...limits });
  t.teardown(() => pool.close());
  return pool;
}

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return 'done';
  } catch (fault) {
    return fault instanceof Fault ? fault.code : String(fault);
  }
}

test('HashPool starts a thread with the first job and finds a password among several hashes', async (t) => {
  const pool = poolFor(t);
  t.is(pool.threads, 0);
  t.true(await pool.run(job(SLOW, PLAIN), A));
  t.is(pool.threads, 1);
  t.false(await pool.run(job(SLOW), A));
});

test('HashPool starts no more threads than it may', async (t) => {
  const pool = poolFor(t, { maxThreads: 2 });
  await Promise.all(Array.from({ length: 6 }, () => pool.run(job(PLAIN), A)));
  t.is(pool.threads, 2);
});

test('HashPool refuses what is over the bounds with LOGIN_BUSY and serves the rest', async (t) => {
  const pool = poolFor(t, { maxQueued: 3, maxQueuedPerClient: 2 });
  const runs = [A, A, A, A, B, B].map((client) => codeOf(pool.run(job(PLAIN), client)));
  // One runs, two of A and one of B wait.
  t.deepEqual(await Promise.all(runs), ['done', 'done', 'done', 'LOGIN_BUSY', 'done', 'LOGIN_BUSY']);
});

test('HashPool takes the newest job of the largest network back where a newcomer finds it full', async (t) => {
  const pool = poolFor(t, { maxQueued: 4, maxQueuedPerClient: 2 });
  const clients = ['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '198.51.100.1'];
  const runs = clients.map((client) => codeOf(pool.run(job(PLAIN), parseIp(client)!)));
  // One runs, and four of one network wait until the stranger to it comes.
  t.deepEqual((await Promise.all(runs)).toSorted(), ['LOGIN_BUSY', ...Array<string>(5).fill('done')]);
  t.is(await runs.at(-1), 'done');
});

test('HashPool lets a client with one job pass those with many', async (t) => {
  const pool = poolFor(t);
  const order: string[] = [];
  const note = async (name: string, client: Ip) => {
    await pool.run(job(PLAIN), client);
    order.push(name);
  };
  await Promise.all([note('a1', A), note('a2', A), note('a3', A), note('a4', A), note('b1', B)]);
  t.deepEqual(order, ['a1', 'a2', 'b1', 'a3', 'a4']);
});

test('HashPool counts the addresses of one IPv6 /64 as one client, those of another as another', async (t) => {
  const pool = poolFor(t, { maxQueuedPerClient: 1 });
  const clients = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'].map((text) =>
    parseIp(text)!,
  );
  const codes = await Promise.all(clients.map((client) => codeOf(pool.run(job(PLAIN), client))));
  t.deepEqual(codes, ['done', 'done', 'LOGIN_BUSY', 'done']);
});

test('HashPool says LOGIN_UNCHECKED about a hash that a thread cannot work with, and keeps the thread', async (t) => {
  const pool = poolFor(t);
  const fault = await t.throwsAsync(pool.run(job(BROKEN), A), { instanceOf: Fault });
  t.is(fault.code, 'LOGIN_UNCHECKED');
  t.regex(String(fault.cause), /sha512: /);
  t.true(await pool.run(job(BROKEN, PLAIN), A), 'another hash of the same user still lets in');
  t.is(pool.threads, 1);
});

test('HashPool says LOGIN_UNCHECKED about the job of a thread that dies, and goes on with a new one', async (t) => {
  const pool = poolFor(t);
  const deadly = { ...job(), hashes: undefined as unknown as Hash[] };
  const [died, next] = [codeOf(pool.run(deadly, A)), pool.run(job(PLAIN), A)];
  t.is(await died, 'LOGIN_UNCHECKED');
  t.true(await next);
  t.is(pool.threads, 1);
});

test('HashPool.prove() has a thread check a password, and ends one that was started for it', async (t) => {
  const pool = poolFor(t);
  pool.load();
  await pool.prove();
  t.is(pool.threads, 0);
  t.true(await pool.run(job(PLAIN), A));
  await pool.prove();
  t.is(pool.threads, 1);
});

test('HashPool retires a thread that has nothing to do, and starts one again', async (t) => {
  const pool = poolFor(t, { idleMs: 1 });
  t.true(await pool.run(job(PLAIN), A));
  while (pool.threads > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  t.true(await pool.run(job(PLAIN), A));
});

test('HashPool.prestart() starts every thread before the first job and keeps them', async (t) => {
  const pool = poolFor(t, { maxThreads: 2, idleMs: 1 });
  await pool.prestart();
  t.is(pool.threads, 2);
  t.true(await pool.run(job(PLAIN), A));
  t.false(await pool.run(job(SLOW), A));
  t.is(pool.threads, 2);
});

test('HashPool.close() fails what waits and runs, and what comes later, with SHUTTING_DOWN', async (t) => {
  const pool = poolFor(t);
  const runs = [codeOf(pool.run(job(SLOW), A)), codeOf(pool.run(job(PLAIN), B))];
  await pool.close();
  t.deepEqual(await Promise.all(runs), ['SHUTTING_DOWN', 'SHUTTING_DOWN']);
  t.is(await codeOf(pool.run(job(PLAIN), A)), 'SHUTTING_DOWN');
  t.is(pool.threads, 0);
});

test('HashPool leaves the password of its caller as it was', async (t) => {
  const pool = poolFor(t);
  const given = job(PLAIN);
  await pool.run(given, A);
  t.is(Buffer.from(given.password).toString(), 'secret');
});
