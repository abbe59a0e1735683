import test from 'ava';
import { DatagramQueue, DatagramRoom } from '../../src/session/datagrams/datagramqueue.ts';

test('bytes are bounded as well as datagrams, and room comes back', (t) => {
  const queue = new DatagramQueue<string>({ room: new DatagramRoom(), owner: ['a'] }, () => undefined);
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

test('when all queues hold too much, the newest of the client with most gives way', (t) => {
  const room = new DatagramRoom(10_000);
  const lost = new Map<string, number>();
  const queueOf = (client: string) =>
    new DatagramQueue<number>({ room, owner: ['net', client] }, () =>
      lost.set(client, (lost.get(client) ?? 0) + 1),
    );
  const payload = new Uint8Array(744);
  const [hog, more, honest] = [queueOf('hog'), queueOf('hog'), queueOf('honest')];
  t.deepEqual(
    Array.from({ length: 6 }, (_, at) => [hog.push(at, payload), more.push(at, payload)]).flat(),
    Array.from({ length: 12 }, (_, at) => at < 10),
  );
  t.true(honest.push(1, payload) && honest.push(2, payload));
  t.deepEqual([...lost], [['hog', 2]]);
  t.is(hog.take(() => true).length + more.take(() => true).length, 8);
  t.deepEqual(
    Array.from({ length: 8 }, (_, at) => honest.push(at, payload)),
    Array.from({ length: 8 }, () => true),
  );
});
