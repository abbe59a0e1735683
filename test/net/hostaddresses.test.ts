import test from 'ava';
import type { NativeDelivery } from '../../src/net/native/addon.ts';
import { openOwn } from '../../src/net/native/hostaddresses.ts';
import { ip } from '../support/ip.ts';

/** An addon whose kernel says what `answer` does. */
function addonOf(answer: (address: string, device: string | undefined, mark: number) => number) {
  const asked: string[] = [];
  class Delivery implements NativeDelivery {
    ask(address: Uint8Array, device: string | undefined, mark: number): number {
      asked.push(address.join('.'));
      return answer(address.join('.'), device, mark);
    }
    close(): void {
      asked.push('closed');
    }
  }
  return { asked, addon: { Delivery } };
}

const doubtless = (why: string): never => {
  throw new Error(why);
};

test('openOwn() asks the kernel about an address once in a moment', (t) => {
  const { asked, addon } = addonOf((address) => (address === '203.0.113.7' ? 1 : 0));
  const own = openOwn(addon, doubtless);
  for (let time = 0; time < 3; time++) {
    t.true(own.delivers(ip('203.0.113.7')));
    t.false(own.delivers(ip('203.0.113.8')));
  }
  t.deepEqual(asked, ['203.0.113.7', '203.0.113.8']);
  own.close();
  t.is(asked.pop(), 'closed');
});

test('openOwn() asks anew in less than a second', async (t) => {
  let answer = 0;
  const own = openOwn(addonOf(() => answer).addon, doubtless);
  const askedAt = performance.now();
  t.false(own.delivers(ip('203.0.113.7')));
  answer = 1;
  while (!own.delivers(ip('203.0.113.7'))) await new Promise(setImmediate);
  t.true(performance.now() - askedAt < 2000, 'on a machine that is busy');
});

test('openOwn() tells ways out apart by interface and mark', (t) => {
  const own = openOwn(
    addonOf((_, device, mark) => (device === 'wg0' || mark === 17 ? 1 : 0)).addon,
    doubtless,
  );
  const address = ip('203.0.113.7');
  t.false(own.delivers(address));
  t.true(own.delivers(address, { device: 'wg0' }));
  t.true(own.delivers(address, { mark: 17 }));
  t.false(own.delivers(address, { mark: 18 }));
});

test('a flood of addresses does not drive out what is asked for again and again', (t) => {
  const { asked, addon } = addonOf(() => 0);
  const own = openOwn(addon, doubtless);
  own.delivers(ip('203.0.113.7'));
  for (let each = 0; each < 10_000; each++) own.delivers(ip(`10.0.${each >> 8}.${each & 255}`));
  const before = asked.length;
  own.delivers(ip('203.0.113.7'));
  // Unless the moment was over meanwhile.
  t.true(asked.length - before <= 1);
  t.true(before >= 10_001);
});

test('where the kernel does not answer the interfaces decide, and that is told once', (t) => {
  const doubts: string[] = [];
  const own = openOwn(addonOf(() => -105).addon, (why) => doubts.push(why));
  t.true(own.delivers(ip('127.0.0.1')));
  t.false(own.delivers(ip('203.0.113.7')));
  t.deepEqual(doubts, ['the kernel does not say whether 127.0.0.1 is an address of this host: ENOBUFS']);
});

test('where the kernel is not to be asked the interfaces decide', (t) => {
  const doubts: string[] = [];
  const refuse = function (): never {
    throw new Error('Address family not supported by protocol');
  };
  const own = openOwn({ Delivery: refuse as never }, (why) => doubts.push(why));
  t.true(own.delivers(ip('127.0.0.1')));
  t.false(own.delivers(ip('127.0.0.99')));
  t.is(doubts.length, 1);
  t.regex(doubts[0]!, /Address family not supported/);
});

test('without the addon the interfaces decide', (t) => {
  const own = openOwn(undefined, doubtless);
  t.true(own.delivers(ip('127.0.0.1')));
  t.true(own.listed().has(ip('127.0.0.1')));
  t.false(own.delivers(ip('203.0.113.7')));
});
