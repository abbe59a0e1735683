import test from 'ava';
import { parseIp } from '../../src/base/ip.ts';
import { ownerOf } from '../../src/policy/room/owner.ts';
import { Turns } from '../../src/policy/room/turns.ts';

interface Work {
  readonly name: string;
  readonly end: () => void;
  readonly ended: Promise<void>;
}

function work(name: string): Work {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { name, end, ended };
}

function turnsOf(maxRunning: number) {
  const running: Work[] = [];
  const gone: string[] = [];
  const turns = new Turns<Work>({
    maxRunning,
    maxWaiting: 8,
    maxWaitingPerClient: 6,
    canRun: () => running.length < maxRunning,
    run: (item) => {
      running.push(item);
      return item.ended.then(() => void running.splice(running.indexOf(item), 1));
    },
    gaveWay: ({ name }) => gone.push(name),
  });
  const add = (ip: string, item: Work): boolean => turns.add(ownerOf(parseIp(ip)!), item);
  return { turns, running, gone, add, names: () => running.map(({ name }) => name) };
}

test('a client gets half of what can run, a network all but one, and a newcomer the rest', async (t) => {
  const { turns, names, running, add } = turnsOf(4);
  for (let at = 0; at < 6; at++) t.true(add('192.0.2.1', work(`a${at}`)));
  t.deepEqual(names(), ['a0', 'a1']);
  add('192.0.2.2', work('b0'));
  add('192.0.2.2', work('b1'));
  t.deepEqual(names(), ['a0', 'a1', 'b0']);
  add('198.51.100.1', work('c0'));
  t.deepEqual(names(), ['a0', 'a1', 'b0', 'c0']);
  t.is(turns.waiting, 5);
  running[0]!.end();
  await new Promise((resolve) => setImmediate(resolve));
  t.is(turns.waiting, 4);
  t.is(running.length, 4);
});

test('with one place at a time each has its turn', async (t) => {
  const { names, running, add } = turnsOf(1);
  for (const name of ['a0', 'a1', 'a2']) add('192.0.2.1', work(name));
  add('198.51.100.1', work('b0'));
  const order: string[] = [];
  while (running.length > 0) {
    order.push(...names());
    running[0]!.end();
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.deepEqual(order, ['a0', 'a1', 'b0', 'a2']);
});

test('what finds no room is refused, or the newest of who has most gives way; drain() empties it', (t) => {
  const { turns, gone, add } = turnsOf(1);
  add('192.0.2.1', work('runs'));
  for (let at = 0; at < 6; at++) t.true(add('192.0.2.1', work(`a${at}`)));
  t.false(add('192.0.2.1', work('a6')));
  for (let at = 0; at < 3; at++) t.true(add(`198.51.${at}.1`, work(`b${at}`)));
  t.deepEqual(gone, ['a5']);
  const left: string[] = [];
  turns.drain(({ name }) => left.push(name));
  t.is(left.length, 8);
  t.is(turns.waiting, 0);
});
