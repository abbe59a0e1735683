// One question and its name servers, whose replies and the time are played by hand.
import test from 'ava';
import { Inquiry } from '../../src/net/dns/inquiry.ts';
import { DNS_DEFAULTS, type DnsServer, type DnsSettings } from '../../src/net/dns/resolvconf.ts';
import type { DnsReply } from '../../src/protocol/dns.ts';

const FOUND: DnsReply = { kind: 'found', values: ['192.0.2.1'], ttlSeconds: 60 };
const SERVFAIL: DnsReply = { kind: 'failed', why: 'SERVFAIL' };
const TRUNCATED: DnsReply = { kind: 'truncated' };
const QUESTION = { name: 'a.test', type: 'a' } as const;

interface Ask {
  /** `1 s: udp a`. */
  readonly what: string;
  readonly reply: (reply: DnsReply) => void;
  forgotten: boolean;
}

function ask(names: string, changes: Partial<DnsSettings> = {}, first = 0) {
  const servers = names.split(' ').map((address) => ({ address, port: 53 }));
  const asks: Ask[] = [];
  const ended: DnsReply[] = [];
  let now = 0;
  let timer: { readonly at: number; readonly then: () => void } | undefined;
  const by = (way: string) => (server: DnsServer, _question: unknown, reply: Ask['reply']) => {
    const each: Ask = { what: `${now / 1000} s: ${way} ${server.address}`, reply, forgotten: false };
    asks.push(each);
    return () => (each.forgotten = true);
  };
  const after = (milliseconds: number, then: () => void) => {
    const own = { at: now + milliseconds, then };
    timer = own;
    return () => {
      if (timer === own) timer = undefined;
    };
  };
  /** Lets time pass up to the next try, or the end. */
  const pass = (): void => {
    const { at, then } = timer ?? { at: now, then: () => undefined };
    timer = undefined;
    now = at;
    then();
  };
  const settings = { ...DNS_DEFAULTS, servers, ...changes };
  const means = { byUdp: by('udp'), byTcp: by('tcp'), after };
  const inquiry = new Inquiry(means, settings, first, QUESTION, (reply) => ended.push(reply));
  return { inquiry, asks, ended, pass, what: () => asks.map((each) => each.what), now: () => now };
}

test('a server gets 5 s for the first try and 5 s for the second one', (t) => {
  const { pass, what, ended, now } = ask('a');
  pass();
  t.deepEqual([what(), ended], [['0 s: udp a', '5 s: udp a'], []]);
  pass();
  t.deepEqual([ended, now()], [[{ kind: 'failed', why: 'no answer' }], 10_000]);
});

test('several servers are asked in turn, each as long as glibc waits, as often as attempts says', (t) => {
  const { pass, what, ended, now } = ask('a b c', { timeoutMs: 3000, attempts: 2 });
  for (let tries = 0; tries < 6; tries++) pass();
  t.deepEqual(what(), ['0 s: udp a', '3 s: udp b', '5 s: udp c', '9 s: udp a', '12 s: udp b', '14 s: udp c']);
  t.is(now(), 18_000);
  t.is(ended.length, 1);
});

test('with rotate it begins with another server', (t) => {
  const { pass, what } = ask('a b c', { timeoutMs: 3000 }, 2);
  for (let tries = 0; tries < 2; tries++) pass();
  t.deepEqual(what(), ['0 s: udp c', '3 s: udp a', '5 s: udp b']);
});

test('an answer that comes late is taken, and nobody waits for the rest', (t) => {
  for (const late of [FOUND, { kind: 'nothing' } as const]) {
    const { pass, asks, ended } = ask('a b');
    pass();
    asks[0]!.reply(late);
    t.deepEqual(ended, [late]);
    t.true(asks.every(({ forgotten }) => forgotten));
    asks[1]!.reply(SERVFAIL);
    pass();
    t.is(ended.length, 1);
    t.is(asks.length, 2);
  }
});

test('after a failure the next server is asked at once, and the failing one no more', (t) => {
  const { asks, what, pass, ended } = ask('a b');
  asks[0]!.reply(SERVFAIL);
  pass();
  t.deepEqual(what(), ['0 s: udp a', '0 s: udp b', '5 s: udp b']);
  asks[1]!.reply(SERVFAIL);
  t.deepEqual(ended, [SERVFAIL], 'there is nobody left');
});

test('what failed late hurries nobody', (t) => {
  const { asks, pass, ended, what } = ask('a b c');
  pass();
  asks[0]!.reply(SERVFAIL);
  t.deepEqual(what(), ['0 s: udp a', '5 s: udp b']);
  asks[1]!.reply(FOUND);
  t.deepEqual(ended, [FOUND]);
});

test('an answer that was cut short is asked for over TCP, once', (t) => {
  const { asks, what, ended } = ask('a');
  asks[0]!.reply(TRUNCATED);
  asks[0]!.reply(TRUNCATED);
  t.deepEqual(what(), ['0 s: udp a', '0 s: tcp a']);
  asks[1]!.reply(FOUND);
  t.deepEqual(ended, [FOUND]);
});

test('close() ends it with the reason', (t) => {
  const { inquiry, asks, ended } = ask('a');
  inquiry.close();
  inquiry.close();
  t.deepEqual(ended, [{ kind: 'failed', why: 'the resolver was closed' }]);
  t.true(asks[0]!.forgotten);
});
