import test from 'ava';
import type { Endpoint } from '../../src/base/ip.ts';
import type { UdpSocket } from '../../src/net/transport.ts';
import type { DropReason } from '../../src/session/drops.ts';
import { OutsideSocket } from '../../src/session/outsidesocket.ts';
import { at } from '../support/legs.ts';

/** A socket that is opened, or not, when the test says so. */
class Opening {
  readonly sent: string[] = [];
  readonly dropped: [DropReason, number][] = [];
  nowMs = 0;
  attempts = 0;
  closed = 0;
  readonly outside: OutsideSocket;
  #settle: { resolve: (socket: UdpSocket) => void; reject: (error: Error) => void } | undefined;

  constructor() {
    const open = (): Promise<UdpSocket> => {
      this.attempts += 1;
      return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    };
    const onDrop = (reason: DropReason, datagrams: number) => this.dropped.push([reason, datagrams]);
    this.outside = new OutsideSocket(open, onDrop, () => this.nowMs);
  }

  send(text: string): DropReason | undefined {
    return this.outside.send(Buffer.from(text), at(53));
  }

  async succeed(): Promise<void> {
    this.#settle?.resolve({
      local: at(1),
      send: (_head: Uint8Array, payload: Uint8Array, to: Endpoint) =>
        this.sent.push(`${Buffer.from(payload).toString()}>${to.port}`),
      close: () => (this.closed += 1),
    });
    await Promise.resolve();
  }

  async fail(): Promise<void> {
    this.#settle?.reject(new Error('no'));
    await Promise.resolve();
  }
}

test('it is opened by the first datagram, and what waited for it goes out in order', async (t) => {
  const opening = new Opening();
  t.is(opening.attempts, 0);
  const bytes = Buffer.from('one');
  t.is(opening.outside.send(bytes, at(53)), undefined);
  bytes.fill('x');
  opening.send('two');
  await opening.succeed();
  opening.send('three');
  t.deepEqual(opening.sent, ['one>53', 'two>53', 'three>53']);
  t.is(opening.attempts, 1);
});

test('what waits for it is bounded', async (t) => {
  const opening = new Opening();
  const answers = Array.from({ length: 70 }, () => opening.send('x'));
  t.deepEqual(answers.slice(63), [undefined, ...Array.from({ length: 6 }, () => 'busy')]);
  await opening.succeed();
  t.is(opening.sent.length, 64);
});

test('after a failure it is tried again, but not for each datagram', async (t) => {
  const opening = new Opening();
  opening.send('one');
  opening.send('two');
  await opening.fail();
  t.deepEqual(opening.dropped, [['no-socket', 2]]);
  opening.nowMs = 999;
  t.is(opening.send('three'), 'no-socket');
  t.is(opening.attempts, 1);
  opening.nowMs = 1000;
  t.is(opening.send('four'), undefined);
  await opening.succeed();
  t.deepEqual(opening.sent, ['four>53']);
});

test('closed while it is opened, it leaves no socket behind', async (t) => {
  const opening = new Opening();
  opening.send('one');
  opening.outside.close();
  await opening.succeed();
  t.is(opening.closed, 1);
  t.deepEqual(opening.sent, []);
});

test('closed while its opening fails, it says nothing', async (t) => {
  const opening = new Opening();
  opening.send('one');
  opening.outside.close();
  await opening.fail();
  t.deepEqual(opening.dropped, []);
});
