import test from 'ava';
import { LineQueue, MAX_QUEUED_LINES, MAX_QUEUED_UNITS } from '../../src/observe/linequeue.ts';
import { droppedLine, textLine } from '../support/logline.ts';

function texts(queue: LineQueue, maxUnits = Infinity): string[] {
  return queue.front(maxUnits).map((line) => line.text);
}

test('lines come out in order and stay until they are removed', (t) => {
  const queue = new LineQueue(droppedLine);
  for (const text of ['a', 'b', 'c']) queue.push(textLine(text));
  t.deepEqual(texts(queue), ['a', 'b', 'c']);
  queue.remove(2);
  t.deepEqual(texts(queue), ['c']);
});

test('front() gives as many lines as fit, but always one', (t) => {
  const queue = new LineQueue(droppedLine);
  for (const text of ['aaaa', 'bbbb', 'cccc']) queue.push(textLine(text));
  t.deepEqual(texts(queue, 9), ['aaaa', 'bbbb']);
  t.deepEqual(texts(queue, 0), ['aaaa']);
});

test('what has no room is counted and told at the place of the gap', (t) => {
  const queue = new LineQueue(droppedLine);
  for (let at = 0; at < MAX_QUEUED_LINES + 3; at++) queue.push(textLine(String(at)));
  t.is(texts(queue).length, MAX_QUEUED_LINES);
  queue.remove(2);
  queue.push(textLine('after'));
  t.deepEqual(texts(queue).slice(-3), [`${MAX_QUEUED_LINES - 1}`, 'log-dropped count=3', 'after']);
});

test('the count is told when everything else has gone, even if no record follows', async (t) => {
  const queue = new LineQueue(droppedLine);
  for (let at = 0; at < MAX_QUEUED_LINES + 1; at++) queue.push(textLine('x'));
  const drained = queue.drained();
  queue.remove(MAX_QUEUED_LINES);
  t.deepEqual(texts(queue), ['log-dropped count=1']);
  queue.remove(1);
  t.deepEqual(texts(queue), []);
  await t.notThrowsAsync(drained);
});

test('long lines are bounded by their size together', (t) => {
  const queue = new LineQueue(droppedLine);
  for (let at = 0; at < MAX_QUEUED_LINES; at++) queue.push(textLine('x'.repeat(2000)));
  t.is(texts(queue).length, Math.floor(MAX_QUEUED_UNITS / 2000));
});
