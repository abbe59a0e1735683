import test from 'ava';
import { DatagramQueue } from '../../src/session/datagramqueue.ts';

test('bytes are bounded as well as datagrams, and room comes back', (t) => {
  const queue = new DatagramQueue<string>();
  const large = new Uint8Array(65_536);
  t.deepEqual(
    [queue.push('a', large), queue.push('b', large), queue.push('c', Uint8Array.of(1))],
    [true, true, false],
  );
  t.is(queue.take((tag) => tag === 'a').length, 1);
  t.true(queue.push('c', Uint8Array.of(1)));
  t.deepEqual(
    queue.take(() => true).map(({ tag }) => tag),
    ['b', 'c'],
  );
  t.deepEqual(
    queue.take(() => true),
    [],
  );
});
