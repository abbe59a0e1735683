// The first route that matches, by name and by address.
import test from 'ava';
import { parseIp } from '../../src/base/ip.ts';
import type { Route } from '../../src/config/model/config.ts';
import { ROUTE } from '../../src/config/routes/routes.ts';
import {
  compileRoutes,
  routeOfAddress,
  routeOfName,
  routeWithoutUdp,
  type Traffic,
} from '../../src/policy/itinerary/routes.ts';
import { destinationOf } from '../../src/protocol/address.ts';

const READING = { origin: {}, folder: '/', portOf: () => undefined };

function route(text: string): Route {
  const parsed = ROUTE.parse(text, READING);
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}

/** The text of the route found for `HOST PORT`; a name that none knows is `ask`. */
function find(table: readonly string[], host: string, port: number, carrier: Traffic): string {
  const routes = compileRoutes(table.map(route));
  const destination = destinationOf(host, port)!;
  if (destination.kind === 'name') return routeOfName(routes, destination, carrier)?.text ?? 'ask';
  return routeOfAddress(routes, destination, carrier)?.text ?? 'straight';
}

const TABLE = [
  '10.0.0.0/8 any',
  'example.org 80 a 1',
  'example.org any b 1',
  '192.0.2.1 22-25/T c 1',
  '192.0.2.0/24 any/U',
  '[2001:db8::]/32 any d 1',
  '0.0.0.0 443 e 1',
];

const CASES: readonly (readonly [host: string, port: number, carrier: Traffic, text: string])[] = [
  ['10.1.2.3', 443, 'tcp', '10.0.0.0/8 any'],
  ['::ffff:10.1.2.3', 1, 'tcp', '10.0.0.0/8 any'],
  ['192.0.2.1', 22, 'tcp', '192.0.2.1 22-25/T c 1'],
  ['192.0.2.1', 25, 'tcp', '192.0.2.1 22-25/T c 1'],
  ['192.0.2.1', 26, 'tcp', 'straight'],
  ['192.0.2.1', 22, 'udp', '192.0.2.0/24 any/U'],
  ['192.0.2.2', 22, 'tcp', 'straight'],
  ['192.0.2.2', 443, 'tcp', '0.0.0.0 443 e 1'],
  ['2001:db8:1::1', 443, 'tcp', '[2001:db8::]/32 any d 1'],
  ['2001:db9::1', 443, 'tcp', 'straight'],
  ['example.org', 80, 'tcp', 'example.org 80 a 1'],
  ['www.Example.org.', 81, 'tcp', 'example.org any b 1'],
  // srelay compared without the boundary of labels.
  ['badexample.org', 80, 'tcp', 'ask'],
  ['org', 80, 'tcp', 'ask'],
];

for (const [host, port, carrier, text] of CASES) {
  test(`${host}:${port} by ${carrier} takes "${text}"`, (t) => {
    t.is(find(TABLE, host, port, carrier), text);
  });
}

test('* is found for names before their addresses are asked for', (t) => {
  t.is(find(['10.0.0.0/8 any', '* any a 1'], 'inside.test', 80, 'tcp'), '* any a 1');
  t.is(find(['10.0.0.0/8 any', '0.0.0.0 any a 1'], 'inside.test', 80, 'tcp'), 'ask');
});

test('a name of this host takes no route, in any case, with a dot and by any carrier', (t) => {
  const tables = [['* any a 1/5'], ['0.0.0.0 any a 1/5', '* any a 1/5'], ['* any', '* any a 1/5']];
  for (const table of tables) {
    for (const host of ['localhost', 'LocalHost.', 'www.localhost', 'a.invalid']) {
      for (const carrier of ['tcp', 'udp'] as const) {
        t.is(find(table, host, 80, carrier), 'names below localhost and invalid stay here', host);
      }
    }
  }
  t.is(find(['* any a 1/5'], 'abc.onion', 80, 'tcp'), '* any a 1/5');
  t.is(find([], 'localhost', 80, 'tcp'), 'ask');
});

test('a name that only srelay would count to a route is told', (t) => {
  const told: string[] = [];
  const table = compileRoutes(['c-wind.com any a 1', '* any b 1'].map(route), ({ text }, name) =>
    told.push(`${text}: ${name}`),
  );
  for (const name of ['xc-wind.com', 'c-wind.com', 'www.c-wind.com', 'c-wind.com.test', 'wind.com']) {
    routeOfName(table, { kind: 'name', name, port: 80 }, 'tcp');
  }
  t.deepEqual(told, ['c-wind.com any a 1: xc-wind.com']);
});

test('without routes there is no table', (t) => {
  t.is(compileRoutes([]), undefined);
  t.is(routeOfAddress(undefined, { ip: parseIp('192.0.2.1')!, port: 1 }, 'tcp'), undefined);
});

for (const [table, closed] of [
  [[], undefined],
  [['* any a 1/H'], '* any a 1/H'],
  [['* any a 1/4 b 2/5'], '* any a 1/4 b 2/5'],
  [['* any a 1/5S'], '* any a 1/5S'],
  [['* any a 1/5 | direct'], undefined],
  [['* any a 1/H | direct'], '* any a 1/H | direct'],
  [['* any a 1/H | b 2/4'], '* any a 1/H | b 2/4'],
  [['10.0.0.0/8 any a 1/H', '* any b 1/H'], '* any b 1/H'],
  [['* any/T a 1', '* any b 1/H'], '* any b 1/H'],
  [['* any a 1/5'], undefined],
  [['* any a 1'], undefined],
  [['* any a 1/H | b 2/5'], undefined],
  [['* any/U', '* any a 1/H'], undefined],
  [['10.0.0.0/8 any', '* any a 1/H'], undefined],
  [['* 53 a 1/H'], undefined],
  [['0.0.0.0 any a 1/H'], undefined],
  [['* any/T a 1/H'], undefined],
] as const) {
  test(`datagrams have ${closed === undefined ? 'a' : 'no'} way with ${table.join('; ') || 'no routes'}`, (t) => {
    t.is(routeWithoutUdp(compileRoutes(table.map(route)))?.text, closed);
  });
}
