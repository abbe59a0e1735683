import test from 'ava';
import type { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import { encodeDatagramHeader } from '../../src/protocol/datagram.ts';
import { DatagramRoom } from '../../src/session/datagrams/datagramqueue.ts';
import type { DropReason } from '../../src/session/datagrams/drops.ts';
import { Lane, type Outlet } from '../../src/session/datagrams/lane.ts';
import { at } from '../support/legs.ts';

/** A lane whose outlet is opened, or not, when the test says so. */
class Opening {
  readonly sent: string[] = [];
  readonly dropped: [DropReason, number][] = [];
  readonly faults: string[] = [];
  nowMs = 0;
  attempts = 0;
  closed = 0;
  deadline: Deadline | undefined;
  readonly lane: Lane;
  lose: () => void = () => undefined;
  #settle: { resolve: (outlet: Outlet) => void; reject: (fault: Fault) => void } | undefined;

  constructor() {
    this.lane = new Lane({
      number: 0,
      route: '',
      open: (deadline) => {
        this.attempts += 1;
        this.deadline = deadline;
        return new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
      },
      openTimeoutMs: 0,
      share: { room: new DatagramRoom(), owner: ['test'] },
      closedReason: 'no-socket',
      onDrop: (reason, datagrams = 1) => {
        if (reason !== undefined) this.dropped.push([reason, datagrams]);
      },
      onFault: ({ code }) => this.faults.push(code),
      now: () => this.nowMs,
    });
  }

  send(text: string): DropReason | undefined {
    return this.lane.send(Buffer.from(text), { place: at(53), header: encodeDatagramHeader(at(53)) });
  }

  async succeed(isLost: 'lost' | 'whole' = 'whole'): Promise<void> {
    this.#settle?.resolve({
      send: (payload, { place }) => {
        if (payload.length > 10) return 'too-long';
        this.sent.push(`${Buffer.from(payload).toString()}>${place.port}`);
        return undefined;
      },
      whenLost: (listener) => {
        this.lose = listener;
        if (isLost === 'lost') listener();
      },
      close: () => (this.closed += 1),
    });
    await turn();
  }

  async fail(): Promise<void> {
    this.#settle?.reject(new Fault('PORT_UNAVAILABLE'));
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('it is opened by the first datagram, and what waited for it goes out in order', async (t) => {
  const opening = new Opening();
  t.is(opening.attempts, 0);
  const bytes = Buffer.from('one');
  t.is(opening.lane.send(bytes, { place: at(53), header: bytes }), undefined);
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

test('what the outlet has no room for is dropped, be it at once or after waiting', async (t) => {
  const opening = new Opening();
  opening.send('longer than that');
  await opening.succeed();
  t.deepEqual(opening.dropped, [['too-long', 1]]);
  t.is(opening.send('longer than that'), 'too-long');
});

test('after a failure it is tried again, but not for each datagram', async (t) => {
  const opening = new Opening();
  opening.send('one');
  opening.send('two');
  await opening.fail();
  t.deepEqual(opening.dropped, [['no-socket', 2]]);
  t.deepEqual(opening.faults, ['PORT_UNAVAILABLE']);
  opening.nowMs = 999;
  t.is(opening.send('three'), 'no-socket');
  t.is(opening.attempts, 1);
  opening.nowMs = 1000;
  t.is(opening.send('four'), undefined);
  await opening.succeed();
  t.deepEqual(opening.sent, ['four>53']);
});

test('what is lost is closed, and opened again by the next datagram', async (t) => {
  const opening = new Opening();
  opening.send('one');
  await opening.succeed();
  opening.nowMs = 5000;
  opening.lose();
  t.is(opening.closed, 1);
  t.is(opening.send('two'), undefined);
  t.is(opening.attempts, 2);
  await opening.succeed();
  t.deepEqual(opening.sent, ['one>53', 'two>53']);
});

test('what is lost again and again is opened once in a second', async (t) => {
  const opening = new Opening();
  opening.send('one');
  await opening.succeed('lost');
  t.is(opening.closed, 1);
  t.is(opening.send('two'), 'no-socket');
  opening.nowMs = 1000;
  t.is(opening.send('three'), undefined);
  t.is(opening.attempts, 2);
});

test('closed while it is opened, it calls that off and leaves no outlet behind', async (t) => {
  const opening = new Opening();
  opening.send('one');
  opening.lane.close();
  t.is(opening.deadline?.ended?.code, 'CLIENT_CLOSED');
  await opening.succeed();
  t.is(opening.closed, 1);
  t.deepEqual(opening.sent, []);
});

test('closed while its opening fails, it says nothing', async (t) => {
  const opening = new Opening();
  opening.send('one');
  opening.lane.close();
  await opening.fail();
  t.deepEqual(opening.dropped, []);
  t.deepEqual(opening.faults, []);
});

test('closed, it closes what is open once, whatever becomes of that', async (t) => {
  const opening = new Opening();
  opening.send('one');
  await opening.succeed();
  opening.lane.close();
  opening.lose();
  t.is(opening.closed, 1);
});
