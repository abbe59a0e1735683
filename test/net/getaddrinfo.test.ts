import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { NameSource } from '../../src/net/dns/namesource.ts';
import { Getaddrinfo } from '../../src/net/names/getaddrinfo.ts';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { ip } from '../support/ip.ts';

const A = ownerOf(ip('192.0.2.1'));
const NEIGHBOUR = ownerOf(ip('192.0.2.2'));
const STRANGER = ownerOf(ip('198.51.100.1'));

/** Calls that end when the test says so. */
function heldCalls() {
  const open = new Map<string, (addresses: readonly string[]) => void>();
  const call = (name: string) =>
    new Promise<{ address: string; family: number }[]>((resolve) => {
      open.set(name, (addresses) => {
        open.delete(name);
        resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
      });
    });
  return { open, call };
}

async function codeOf(source: NameSource): Promise<string | undefined> {
  const { answer } = await source.ask('a', 4, A);
  return answer instanceof Fault ? answer.code : undefined;
}

test('the real getaddrinfo(3) knows localhost', async (t) => {
  const { answer, ttlMs } = await new Getaddrinfo(2).ask('localhost', 4, A);
  t.true(Array.isArray(answer) && answer.includes(ip('127.0.0.1')));
  t.is(ttlMs, 0);
});

test('both families of a name share one call; zone ids are left out, mapped addresses are IPv4', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo(4, { addresses: call });
  const findings = Promise.all([source.ask('a', 6, A), source.ask('a', 4, A)]);
  t.deepEqual([...open.keys()], ['a']);
  open.get('a')?.(['2001:db8::1', 'fe80::1%eth0', '192.0.2.1', '::ffff:192.0.2.2']);
  t.deepEqual(
    (await findings).map((finding) => finding.answer),
    [[ip('2001:db8::1')], [ip('192.0.2.1'), ip('192.0.2.2')]],
  );
});

test('two of four calls may be one client’s, the others run in the order in which they came', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo(4, { addresses: call });
  const first = source.ask('a', 4, A);
  const later = ['b', 'c', 'd'].map((name) => source.ask(name, 4, A));
  t.deepEqual([...open.keys()], ['a', 'b']);
  open.get('a')?.([]);
  await first;
  t.deepEqual([...open.keys()], ['b', 'c']);
  open.get('b')?.([]);
  open.get('c')?.([]);
  await Promise.all(later.slice(0, 2));
  open.get('d')?.([]);
  await Promise.all(later);
  t.is(open.size, 0);
});

test('slow names of one network leave a call for others, and nobody waits behind its list', (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo(4, { addresses: call });
  for (const owner of [A, NEIGHBOUR])
    for (let each = 0; each < 32; each++) void source.ask(`${owner[1]} ${each}`, 4, owner);
  t.deepEqual([...open.keys()], ['192.0.2.1 0', '192.0.2.1 1', '192.0.2.2 0']);
  void source.ask('strange', 4, STRANGER);
  t.true(open.has('strange'));
});

test('a name behind a long list is asked at the turn of another client who wants it, and is one call', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo(2, { addresses: call });
  void source.ask('slow', 4, A);
  for (let each = 0; each < 30; each++) void source.ask(`a${each}`, 4, A);
  const wanted = [A, STRANGER, NEIGHBOUR].map((owner) => source.ask('wanted', 4, owner));
  t.deepEqual([...open.keys()], ['slow', 'wanted']);
  open.get('wanted')?.(['192.0.2.9']);
  for (const each of wanted) t.deepEqual((await each).answer, [ip('192.0.2.9')]);
});

test('a name is given up with RESOLVER_BUSY when the last who waits for its call has no place', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo(2, { addresses: call });
  void source.ask('slow', 4, A);
  const rest = Array.from({ length: 70 }, (_, each) => source.ask(`a${each}`, 4, A));
  const { answer } = await rest.at(-1)!;
  t.is(answer instanceof Fault ? answer.code : answer, 'RESOLVER_BUSY');
  t.deepEqual([...open.keys()], ['slow']);
});

test('close() ends what waits for its turn with RESOLVER_FAILED', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo(4, { addresses: call });
  void source.ask('x', 4, A);
  void source.ask('y', 4, A);
  const code = codeOf(source);
  source.close();
  open.get('x')?.([]);
  t.is(await code, 'RESOLVER_FAILED');
});

for (const { system, code } of [
  { system: 'ENOTFOUND', code: undefined },
  { system: 'EAI_AGAIN', code: 'RESOLVER_FAILED' },
] as const) {
  test(`${system} is ${code ?? 'no address'}`, async (t) => {
    const source = new Getaddrinfo(4, { addresses: () => Promise.reject(systemError(system)) });
    t.is(await codeOf(source), code);
  });
}

const NAMES: readonly [string, Promise<string>, string][] = [
  ['a name', Promise.resolve('A.Test.'), 'a.test'],
  ['a name that no host can bear', Promise.resolve('a b.test'), 'NAME_NOT_FOUND'],
  ['no name', rejection('ENOTFOUND'), 'NAME_NOT_FOUND'],
  ['a failure', rejection('EAI_AGAIN'), 'RESOLVER_FAILED'],
];

for (const [what, found, expected] of NAMES) {
  test(`reverse() answers for an address with ${what}`, async (t) => {
    const source = new Getaddrinfo(4, { name: () => found });
    const { answer, ttlMs } = await source.reverse(ip('192.0.2.1'), A);
    t.is(answer instanceof Fault ? answer.code : answer, expected);
    t.is(ttlMs, 0);
  });
}

test('the real getnameinfo(3) answers for the loopback address', async (t) => {
  const { answer } = await new Getaddrinfo(2).reverse(ip('127.0.0.1'), A);
  t.true(typeof answer === 'string' || answer.code === 'NAME_NOT_FOUND');
});

function systemError(code: string): Error {
  return Object.assign(new Error('no'), { code });
}

function rejection(code: string): Promise<never> {
  const rejected = Promise.reject(systemError(code));
  rejected.catch(() => undefined);
  return rejected;
}
