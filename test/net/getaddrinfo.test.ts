import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { Getaddrinfo } from '../../src/net/getaddrinfo.ts';
import type { NameSource } from '../../src/net/namesource.ts';
import { ip } from '../support/ip.ts';

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
  const { answer } = await source.ask('a', 4);
  return answer instanceof Fault ? answer.code : undefined;
}

test('the real getaddrinfo(3) knows localhost', async (t) => {
  const { answer, ttlMs } = await new Getaddrinfo().ask('localhost', 4);
  t.true(Array.isArray(answer) && answer.includes(ip('127.0.0.1')));
  t.is(ttlMs, 0);
});

test('both families of a name share one call; zone ids are left out, mapped addresses are IPv4', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo({ addresses: call });
  const findings = Promise.all([source.ask('a', 6), source.ask('a', 4)]);
  t.deepEqual([...open.keys()], ['a']);
  open.get('a')?.(['2001:db8::1', 'fe80::1%eth0', '192.0.2.1', '::ffff:192.0.2.2']);
  t.deepEqual(
    (await findings).map((finding) => finding.answer),
    [[ip('2001:db8::1')], [ip('192.0.2.1'), ip('192.0.2.2')]],
  );
});

test('two calls run at a time, the others in the order in which they came', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo({ addresses: call });
  const first = source.ask('a', 4);
  const later = ['b', 'c', 'd'].map((name) => source.ask(name, 4));
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

test('close() ends what waits for its turn with RESOLVER_FAILED', async (t) => {
  const { open, call } = heldCalls();
  const source = new Getaddrinfo({ addresses: call });
  void source.ask('x', 4);
  void source.ask('y', 4);
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
    const source = new Getaddrinfo({ addresses: () => Promise.reject(systemError(system)) });
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
    const source = new Getaddrinfo({ name: () => found });
    const { answer, ttlMs } = await source.reverse(ip('192.0.2.1'));
    t.is(answer instanceof Fault ? answer.code : answer, expected);
    t.is(ttlMs, 0);
  });
}

test('the real getnameinfo(3) answers for the loopback address', async (t) => {
  const { answer } = await new Getaddrinfo().reverse(ip('127.0.0.1'));
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
