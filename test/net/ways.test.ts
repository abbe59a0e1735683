// The order in which ways are tried, over time.
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { formatWay } from '../../src/config/routes/routeways.ts';
import { Ways } from '../../src/net/routes/ways.ts';
import { route } from '../support/routes.ts';

const FAULT = new Fault('PROXY_UNREACHABLE');

function setUp(line: string) {
  const told: string[] = [];
  const clock = { ms: 0 };
  const ways = new Ways(
    (change) => told.push(`${change.kind} ${change.via}`),
    () => clock.ms,
  );
  const way = route(line);
  return {
    told,
    clock,
    ways,
    way,
    /** The hosts in the order in which they are to be tried. */
    order: () => ways.order(way).map((each) => formatWay(each)!.replace(':1080', '')),
    begin: (at: number) => ways.begin(way.ways[at]!),
  };
}

test('failover takes the ways as they are written', (t) => {
  const { order } = setUp('* any a | b | c');
  t.deepEqual(order(), ['a', 'b', 'c']);
  t.deepEqual(order(), ['a', 'b', 'c']);
});

test('round-robin begins with another way each time', (t) => {
  const { order } = setUp('* any a | b | c pick=round-robin');
  t.deepEqual([order(), order(), order(), order()].map(String), ['a,b,c', 'b,c,a', 'c,a,b', 'a,b,c']);
});

test('least-sessions begins with the way that carries the fewest', (t) => {
  const { ways, way, order } = setUp('* any a | b pick=least-sessions');
  const [a, b] = way.ways;
  const leave = [ways.enter(a!), ways.enter(a!), ways.enter(b!)];
  t.deepEqual(order(), ['b', 'a']);
  leave[0]!();
  t.deepEqual(order(), ['a', 'b']);
});

test('a way that fails comes last for 30 s, and then one client tries it', (t) => {
  const { order, begin, clock, told } = setUp('* any a | b');
  begin(0).lost(FAULT);
  begin(0).lost(FAULT);
  t.deepEqual(told, ['down a:1080']);
  t.deepEqual(order(), ['b', 'a']);
  clock.ms = 29_999;
  t.deepEqual(order(), ['b', 'a']);
  clock.ms = 30_000;
  t.deepEqual(order(), ['a', 'b']);
  const probe = begin(0);
  t.deepEqual(order(), ['b', 'a'], 'the others wait for the probe');
  probe.won();
  t.deepEqual(order(), ['a', 'b']);
  t.deepEqual(told, ['down a:1080', 'up a:1080']);
});

test('each probe that fails doubles the wait, up to five minutes', (t) => {
  const { order, begin, clock, told } = setUp('* any a | b');
  begin(0).lost(FAULT);
  for (const seconds of [30, 60, 120, 240, 300, 300]) {
    clock.ms += seconds * 1000 - 1;
    t.deepEqual(order(), ['b', 'a'], `${seconds}`);
    clock.ms += 1;
    t.deepEqual(order(), ['a', 'b'], `${seconds}`);
    begin(0).lost(FAULT);
  }
  t.is(told.length, 1);
});

test('a way that was tried last, and works, is up at once', (t) => {
  const { order, begin, told } = setUp('* any a | b');
  begin(0).lost(FAULT);
  begin(0).won();
  t.deepEqual(order(), ['a', 'b']);
  t.deepEqual(told, ['down a:1080', 'up a:1080']);
});

test('an attempt that finds nothing out changes nothing', (t) => {
  const { order, begin, told } = setUp('* any a | b');
  begin(0);
  t.deepEqual(order(), ['a', 'b']);
  t.deepEqual(told, []);
});

test('where all ways are down they are tried as they are written', (t) => {
  const { order, begin } = setUp('* any a | b');
  begin(1).lost(FAULT);
  begin(0).lost(FAULT);
  t.deepEqual(order(), ['a', 'b']);
});

test('list() tells what is known of the ways that are followed, and of those that are gone but in use', (t) => {
  const { ways, way, begin, clock } = setUp('* any a | b | direct');
  const [, b, direct] = way.ways;
  const shown = () =>
    ways
      .list()
      .map(({ via, standing, forMs, sessions, retryMs, failure }) =>
        [via, standing, forMs, sessions, retryMs, failure?.fault.code, failure?.agoMs].join(' '),
      );
  t.deepEqual(shown(), []);
  ways.follow(way.ways);
  t.deepEqual(shown(), ['a:1080 untried  0   ', 'b:1080 untried  0   ', 'direct untried  0   ']);
  const leave = ways.enter(direct!);
  begin(0).lost(FAULT);
  begin(1).won();
  clock.ms = 10_000;
  begin(1).won();
  begin(0).lost(FAULT);
  clock.ms = 15_000;
  t.deepEqual(shown(), [
    'a:1080 down 15000 0 15000 PROXY_UNREACHABLE 5000',
    'b:1080 up 15000 0   ',
    'direct untried  1   ',
  ]);
  begin(0).won();
  clock.ms = 16_000;
  t.is(shown()[0], 'a:1080 up 1000 0  PROXY_UNREACHABLE 6000');
  ways.follow([b!]);
  t.deepEqual(shown(), ['b:1080 up 16000 0   ', 'direct untried  1   ']);
  begin(0).lost(FAULT);
  leave();
  t.deepEqual(shown(), ['b:1080 up 16000 0   ', 'a:1080 down 0 0 30000 PROXY_UNREACHABLE 0']);
  begin(0).won();
  t.deepEqual(shown(), ['b:1080 up 16000 0   ']);
});
