import test from 'ava';
import { Fault, type FaultCode } from '../../src/base/fault.ts';
import { meantBy, tryInTurn, type NameDestination } from '../../src/session/completion.ts';
import { destinationOf } from '../../src/protocol/address.ts';
import { routing } from '../support/routes.ts';

const named = (text: string) => destinationOf(text, 80) as NameDestination;
const names = (meant: readonly NameDestination[]) => meant.map(({ name }) => name);
const completions = (name: string) => [`${name}.corp.test`, `${name}.lab.test`, name];

function meaning(allowed: (name: string) => boolean = () => true) {
  const isAllowed = ({ name }: NameDestination): boolean => allowed(name);
  return { resolver: { completions }, table: undefined, carrier: 'tcp' as const, isAllowed };
}

test('meantBy() gives the names of the resolver in their order', (t) => {
  t.deepEqual(names(meantBy(named('inner'), meaning())), completions('inner'));
});

test('meantBy() leaves a name with a dot at its end as it is', (t) => {
  t.deepEqual(names(meantBy(named('inner.'), meaning())), ['inner']);
});

test('meantBy() passes over what the rules forbid, and leaves the name itself for them to refuse', (t) => {
  t.deepEqual(
    names(
      meantBy(
        named('inner'),
        meaning((name) => name === 'inner.lab.test'),
      ),
    ),
    ['inner.lab.test'],
  );
  t.deepEqual(
    names(
      meantBy(
        named('inner'),
        meaning(() => false),
      ),
    ),
    ['inner'],
  );
});

test('meantBy() completes no name that travels to a proxy, and makes none that would', (t) => {
  const all = { ...meaning(), table: routing(['* any 192.0.2.1 1080/5']).table };
  t.deepEqual(names(meantBy(named('inner'), all)), ['inner']);
  const corp = { ...meaning(), table: routing(['.corp.test any 192.0.2.1 1080/5']).table };
  t.deepEqual(names(meantBy(named('inner'), corp)), ['inner.lab.test', 'inner']);
});

/** What trying three names comes to, each with a fault or, where there is none, its name. */
async function tried(codes: Record<string, FaultCode>, timeLimitMs = 1000) {
  const asked: string[] = [];
  const end = tryInTurn(completions('inner').map(named), timeLimitMs, ({ name }) => {
    asked.push(name);
    const code = codes[name];
    return code === undefined ? Promise.resolve(name) : Promise.reject(new Fault(code));
  });
  const told = await end.catch((thrown: unknown) => (thrown as Fault).code);
  return [told, asked.length];
}

test('tryInTurn() goes on after "no such name" alone', async (t) => {
  const missing = { 'inner.corp.test': 'NAME_NOT_FOUND', 'inner.lab.test': 'NAME_NOT_FOUND' } as const;
  t.deepEqual(await tried({}), ['inner.corp.test', 1]);
  t.deepEqual(await tried(missing), ['inner', 3]);
  t.deepEqual(await tried({ ...missing, inner: 'NAME_NOT_FOUND' }), ['NAME_NOT_FOUND', 3]);
  for (const code of ['RESOLVER_FAILED', 'CONNECT_TIMEOUT', 'GUARD_DENIED', 'CONNECTION_REFUSED'] as const) {
    t.deepEqual(await tried({ ...missing, 'inner.lab.test': code }), [code, 2]);
  }
  t.deepEqual(await tried(missing, 0), ['NAME_NOT_FOUND', 1]);
});

test('tryInTurn() hands a bug on', async (t) => {
  const bug = new TypeError('bug');
  const end = tryInTurn(completions('inner').map(named), 1000, () => Promise.reject(bug));
  t.is(await t.throwsAsync(end), bug);
});
