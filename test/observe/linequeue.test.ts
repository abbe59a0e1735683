import test from 'ava';
import fc from 'fast-check';
import type { Line, RoomName } from '../../src/observe/lines/line.ts';
import { LineQueue, ROOM_UNITS } from '../../src/observe/lines/linequeue.ts';
import { LINE_COST_UNITS } from '../../src/observe/lines/lineroom.ts';
import { ip } from '../support/ip.ts';
import { droppedLine, textLine } from '../support/logline.ts';

const UNITS = 1000;
const PER_ROOM = (room: RoomName): number => Math.floor(ROOM_UNITS[room] / UNITS);

/** One that takes UNITS. */
function lineOf(room: RoomName, client: string | undefined, name: string, event = room as string): Line {
  const text = name.padEnd(UNITS - LINE_COST_UNITS);
  return { ...textLine(text), room, event, client: client === undefined ? undefined : ip(client) };
}

function fill(queue: LineQueue, count: number, make: (at: number) => Line): void {
  for (let at = 0; at < count; at++) queue.push(make(at));
}

/** All that comes out when somebody reads, without the filling. */
function readAll(queue: LineQueue, most = Infinity): string[] {
  const texts: string[] = [];
  for (let [line] = queue.front(0); line !== undefined && texts.length < most; [line] = queue.front(0)) {
    texts.push(line.text.trimEnd());
    queue.remove();
  }
  return texts;
}

test('lines come out in order and stay until they are removed', (t) => {
  const queue = new LineQueue(droppedLine);
  for (const text of ['a', 'b', 'c']) queue.push(textLine(text));
  const texts = (maxUnits: number) => queue.front(maxUnits).map((line) => line.text);
  t.deepEqual(texts(2), ['a', 'b']);
  t.deepEqual(texts(9), ['a', 'b']);
  queue.remove();
  t.deepEqual(texts(9), ['c']);
  t.false(queue.isEmpty);
  queue.remove();
  t.deepEqual(texts(9), []);
  t.true(queue.isEmpty);
});

test('lines of all rooms leave in the order in which they came', (t) => {
  const queue = new LineQueue(droppedLine);
  const rooms = ['rest', 'sessions', 'daemon', 'rest', 'logins', 'bans', 'sessions'] as const;
  for (const [at, room] of rooms.entries()) queue.push(lineOf(room, '192.0.2.1', `${room} ${at}`));
  t.deepEqual(
    readAll(queue),
    rooms.map((room, at) => `${room} ${at}`),
  );
});

test('what has no room is counted by event and told at the place of the gap', (t) => {
  const queue = new LineQueue(droppedLine);
  const most = PER_ROOM('rest');
  fill(queue, most + 2, (at) => lineOf('rest', '192.0.2.1', `${at}`, 'refused'));
  queue.push(lineOf('rest', '192.0.2.1', 'x', 'accepted'));
  t.is(readAll(queue, 2).length, 2);
  fill(queue, 2, (at) => lineOf('rest', '192.0.2.1', `after ${at}`));
  const [before, ...rest] = readAll(queue).slice(-4);
  t.is(before, `${most - 1}`);
  t.deepEqual(rest, ['log-dropped refused:2,accepted:1', 'after 0', 'after 1']);
});

test('the count is told when everything else has gone, even if no record follows', async (t) => {
  const queue = new LineQueue(droppedLine);
  const most = PER_ROOM('rest');
  fill(queue, most + 1, () => lineOf('rest', undefined, 'x', 'refused'));
  const drained = queue.drained();
  t.deepEqual(readAll(queue).slice(most), ['log-dropped refused:1']);
  await t.notThrowsAsync(drained);
});

test('while losses go on, they are told once for each room that the reader has read', (t) => {
  const queue = new LineQueue(droppedLine);
  const most = PER_ROOM('rest');
  let told = 0;
  let lost = 0;
  for (let at = 0; at < 10 * most; at++) {
    fill(queue, 3, () => lineOf('rest', '192.0.2.1', 'x', 'refused'));
    for (const text of readAll(queue, 1)) {
      if (!text.startsWith('log-dropped')) continue;
      told += 1;
      lost += Number(/\d+$/.exec(text)?.[0]);
    }
  }
  const last = readAll(queue).filter((text) => text.startsWith('log-dropped'));
  t.true(told > 5 && told < 15, `${told}`);
  t.true(lost + last.reduce((sum, text) => sum + Number(/\d+$/.exec(text)?.[0]), 0) > 18 * most);
});

test('refusals take no room of the others', (t) => {
  const queue = new LineQueue(droppedLine);
  fill(queue, 3 * PER_ROOM('rest'), () => lineOf('rest', '192.0.2.1', 'refused'));
  const kept = ['daemon', 'bans', 'logins', 'sessions'] as const;
  for (const room of kept) queue.push(lineOf(room, '192.0.2.1', room));
  const read = readAll(queue);
  t.deepEqual(
    read.filter((text) => !/^(refused|log-dropped)/.test(text)),
    [...kept],
  );
});

test('a client who fills a room pushes out his own lines', (t) => {
  const queue = new LineQueue(droppedLine);
  const most = PER_ROOM('sessions');
  fill(queue, 2 * most, () => lineOf('sessions', '192.0.2.1', 'hog', 'ended'));
  fill(queue, 100, (at) => lineOf('sessions', `198.51.100.${at % 3}`, `honest ${at}`, 'ended'));
  fill(queue, 2 * most, () => lineOf('sessions', '192.0.2.1', 'hog', 'ended'));
  const read = readAll(queue);
  t.deepEqual(
    read.filter((text) => text.startsWith('honest')),
    Array.from({ length: 100 }, (_, at) => `honest ${at}`),
  );
  const hogs = read.filter((text) => text === 'hog').length;
  t.is(hogs, most - 100);
  const told = read.flatMap((text) => /^log-dropped ended:(\d+)$/.exec(text)?.[1] ?? []);
  t.is(
    told.reduce((sum, count) => sum + Number(count), 0),
    4 * most - hogs,
  );
});

test('many /64s of one /48 hold together what one client may', (t) => {
  const queue = new LineQueue(droppedLine);
  const hog = (at: number) => lineOf('sessions', `2001:db8:0:${(at % 5000).toString(16)}::1`, 'hog');
  fill(queue, PER_ROOM('sessions'), hog);
  fill(queue, 50, () => lineOf('sessions', '2001:db8:1::1', 'honest'));
  fill(queue, PER_ROOM('sessions'), hog);
  t.is(readAll(queue).filter((text) => text === 'honest').length, 50);
});

test('a room that is more than half full goes first, so that none of it is lost for refusals', (t) => {
  const queue = new LineQueue(droppedLine);
  const half = Math.floor(PER_ROOM('sessions') / 2);
  fill(queue, PER_ROOM('rest'), () => lineOf('rest', '192.0.2.1', 'refused'));
  fill(queue, half + 3, (at) => lineOf('sessions', '192.0.2.1', `ended ${at}`));
  const read = readAll(queue);
  t.deepEqual(read.slice(0, 4), ['ended 0', 'ended 1', 'ended 2', 'refused']);
});

const ROOMS = ['daemon', 'bans', 'logins', 'sessions', 'rest'] as const;
const pushes = fc.record({
  room: fc.constantFrom(...ROOMS),
  client: fc.constantFrom(undefined, '192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8:0:1::1'),
  units: fc.integer({ min: 1, max: 100_000 }),
  times: fc.integer({ min: 1, max: 20 }),
});
const steps = fc.array(fc.oneof(pushes, fc.record({ reads: fc.integer({ min: 0, max: 200_000 }) })), {
  maxLength: 100,
});

test('each line is delivered in the order of its room or counted once, and no room holds more than it has', (t) => {
  fc.assert(
    fc.property(steps, (all) => {
      const counted = new Map<string, number>();
      const queue = new LineQueue((counts) => {
        for (const [event, count] of counts) counted.set(event, (counted.get(event) ?? 0) + count);
        return { ...textLine('gap'), event: 'gap', room: 'daemon' };
      });
      const pushed = new Map<string, number>();
      const delivered = new Map<string, number>();
      const add = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
      const last = new Map<string, number>();
      let number = 0;
      const read = (maxUnits: number) => {
        const lines = [...queue.front(maxUnits)];
        t.deepEqual(queue.front(0), lines);
        for (const { event, room, timeMs } of lines) {
          if (event === 'gap') continue;
          t.true(timeMs > (last.get(room) ?? 0), `order of ${room}`);
          last.set(room, timeMs);
          add(delivered, event);
        }
        queue.remove();
        return lines;
      };
      for (const step of all) {
        if ('reads' in step) {
          read(step.reads);
          continue;
        }
        for (let time = 0; time < step.times; time++) {
          const client = step.client === undefined ? undefined : ip(step.client);
          const line = { ...textLine('x'.repeat(step.units)), room: step.room, event: step.room, client };
          queue.push({ ...line, timeMs: ++number });
          add(pushed, step.room);
        }
      }
      const held = new Map<RoomName, number>();
      while (!queue.isEmpty) {
        for (const { event, room, text } of read(0)) {
          if (event === 'gap') continue;
          held.set(room, (held.get(room) ?? 0) + text.length + LINE_COST_UNITS);
        }
      }
      for (const [room, units] of held) t.true(units <= ROOM_UNITS[room], `${room} held ${units}`);
      for (const room of ROOMS)
        t.is((delivered.get(room) ?? 0) + (counted.get(room) ?? 0), pushed.get(room) ?? 0);
    }),
    { numRuns: 60 },
  );
});
