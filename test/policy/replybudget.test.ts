// What a client may send to a target before, and for, its answers.
import test from 'ava';
import fc from 'fast-check';
import { ReplyBudgets, type ReplyLimits, type ReplyPair } from '../../src/policy/udp/replybudget.ts';
import { replyClientOf, replyKeyOf, replyKeyOfNames } from '../../src/policy/udp/replykey.ts';
import { ip } from '../support/ip.ts';

const HEADERS = 28;
const MINUTE_MS = 60_000;
const LIMITS: ReplyLimits = { unansweredBytes: 128_000, replyRatio: 3 };

const pairOf = (client: string, target: string): ReplyPair => {
  const of = replyClientOf(ip(client));
  return { client: of, key: replyKeyOf(of, ip(target)), account: -1 };
};

const VICTIM = '198.51.100.9';
const pair = (): ReplyPair => pairOf('192.0.2.1', VICTIM);

/** Sends datagrams of 128 bytes with their headers until the budget says no; gives the bytes. */
function spent(budgets: ReplyBudgets, by: ReplyPair, limits = LIMITS, nowMs = 0, most = 10_000): number {
  let datagrams = 0;
  while (datagrams < most && budgets.spend(by, 100, limits, nowMs)) datagrams += 1;
  return datagrams * 128;
}

test('a target that never answers gets so many bytes, and no more, headers counted', (t) => {
  t.is(spent(new ReplyBudgets(), pair()), 128_000);
  t.is(spent(new ReplyBudgets(), pair(), { unansweredBytes: 1300, replyRatio: 3 }), 1280);
});

test('0 sets no limit', (t) => {
  t.is(spent(new ReplyBudgets(), pair(), { unansweredBytes: 0, replyRatio: 3 }), 1_280_000);
});

test('each byte of an answer allows so many more', (t) => {
  const budgets = new ReplyBudgets();
  spent(budgets, pair());
  budgets.earn(pair(), 100, LIMITS, 0);
  t.is(spent(budgets, pair()), 3 * 128);
});

test('a ratio of 0 sets no limit as long as there are answers', (t) => {
  const budgets = new ReplyBudgets();
  const limits = { unansweredBytes: 1280, replyRatio: 0 };
  t.is(spent(budgets, pair(), limits), 1280);
  budgets.earn(pair(), 0, limits, 0);
  t.is(spent(budgets, pair(), limits), 1_280_000);
  t.is(spent(budgets, pair(), limits, 20 * MINUTE_MS), 1280);
});

test('another association of the client goes on where the one before stopped, for ten minutes', (t) => {
  const budgets = new ReplyBudgets();
  spent(budgets, pair());
  t.is(spent(budgets, pair(), LIMITS, 9.9 * MINUTE_MS), 0);
  t.is(spent(budgets, pairOf('192.0.2.1', '198.51.100.10'), LIMITS, 9.9 * MINUTE_MS), 128_000);
  t.is(spent(budgets, pair(), LIMITS, 15 * MINUTE_MS), 128_000);
});

test('all addresses of an IPv6 /64 are one client', (t) => {
  const budgets = new ReplyBudgets();
  budgets.earn(pairOf('2001:db8::1', VICTIM), 100, LIMITS, 0);
  t.is(spent(budgets, pairOf('2001:db8::1', VICTIM)), 128_000 + 3 * 128);
  t.is(spent(budgets, pairOf('2001:db8::2', VICTIM)), 0);
});

test('all clients together send no more to a target that answers none of them', (t) => {
  const budgets = new ReplyBudgets();
  t.is(spent(budgets, pair(), LIMITS, 0, 600), 76_800);
  t.is(spent(budgets, pairOf('203.0.113.1', VICTIM)), 51_200);
  for (let part = 0; part < 300; part++) {
    t.is(spent(budgets, pairOf(`2001:db8:0:${part.toString(16)}::1`, VICTIM)), 0);
  }
});

test('nobody can shut others off from a target that answers: they introduce themselves, and have budgets of their own then', (t) => {
  const budgets = new ReplyBudgets();
  const [first, other] = [pairOf('203.0.113.1', VICTIM), pairOf('203.0.113.2', VICTIM)];
  budgets.earn(first, 0, LIMITS, 0);
  t.is(spent(budgets, pair()), 128_000);
  t.is(spent(budgets, pairOf('192.0.2.2', VICTIM)), 4096);
  t.is(spent(budgets, other), 4096);
  budgets.earn(other, 100, LIMITS, 0);
  t.is(spent(budgets, other), 128_000 - 4096 + 3 * 128);
  t.is(spent(budgets, first), 128_000 + 3 * HEADERS - ((128_000 + 3 * HEADERS) % 128));
});

test('the introductions of one network have a sum, too', (t) => {
  const budgets = new ReplyBudgets();
  budgets.earn(pairOf('203.0.113.1', VICTIM), 0, LIMITS, 0);
  spent(budgets, pair());
  let sum = 0;
  for (let part = 0; part < 300; part++) {
    sum += spent(budgets, pairOf(`2001:db8:0:${part.toString(16)}::1`, VICTIM));
  }
  t.is(sum, 65_536);
  t.is(spent(budgets, pairOf('2001:db9::1', VICTIM)), 4096);
});

test('an account that had to give way leaves its debt behind, and none of its credit', (t) => {
  const budgets = new ReplyBudgets(8);
  budgets.earn(pair(), 0, LIMITS, 0);
  t.is(spent(budgets, pair(), LIMITS, 0, 900), 115_200);
  for (let each = 1; each <= 20; each++) {
    budgets.earn(pairOf('192.0.2.1', `198.51.101.${each}`), 1000, LIMITS, 0);
  }
  t.is(spent(budgets, pair()), 128_000 - 115_200);
});

test('the names that a route takes to its proxies are one target, that of no address', (t) => {
  const client = replyClientOf(ip('192.0.2.1'));
  const named = (route: string): ReplyPair => ({ client, key: replyKeyOfNames(client, route), account: -1 });
  const budgets = new ReplyBudgets();
  t.is(spent(budgets, named('* any proxy.test')), 128_000);
  t.is(spent(budgets, named('* any proxy.test')), 0);
  t.is(spent(budgets, named('* any other.test')), 128_000);
});

const CLIENTS = ['192.0.2.1', '192.0.2.2', '203.0.113.1', '2001:db8::1', '2001:db8:0:1::1', '2001:db9::1'];
const TARGETS = ['198.51.100.1', '198.51.100.2', '2001:db8:f::1'];

interface Sent {
  readonly client: number;
  readonly bytes: number;
  readonly atMs: number;
}

const step = fc.record({
  kind: fc.constantFrom('silent', 'silent', 'silent', 'other', 'answer'),
  client: fc.nat(CLIENTS.length - 1),
  target: fc.nat(TARGETS.length - 1),
  size: fc.nat(3000),
  pauseMs: fc.constantFrom(0, 0, 0, 1000, MINUTE_MS, 4 * MINUTE_MS),
});

test('whatever else happens, a silent target gets no more in any ten minutes, of one client and of all', (t) => {
  const limits = fc.record({ unansweredBytes: fc.integer({ min: 1, max: 20_000 }), replyRatio: fc.nat(50) });
  fc.assert(
    fc.property(
      limits,
      fc.array(step, { maxLength: 200 }),
      fc.integer({ min: 1, max: 9 }),
      (given, steps, room) => {
        const budgets = new ReplyBudgets(room);
        const sent: Sent[] = [];
        let nowMs = 0;
        for (const { kind, client, target, size, pauseMs } of steps) {
          nowMs += pauseMs;
          const other = pairOf(CLIENTS[client]!, TARGETS[target]!);
          if (kind === 'answer') budgets.earn(other, size, given, nowMs);
          else if (kind === 'other') budgets.spend(other, size, given, nowMs);
          else if (budgets.spend(pairOf(CLIENTS[client]!, VICTIM), size, given, nowMs)) {
            sent.push({ client, bytes: size + HEADERS, atMs: nowMs });
          }
          const lately = sent.filter(({ atMs }) => atMs > nowMs - 10 * MINUTE_MS);
          t.true(sumOf(lately) <= given.unansweredBytes);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('whatever else happens, a client sends no more to a target than that, and its answers in twenty minutes, allow', (t) => {
  const limits = fc.record({
    unansweredBytes: fc.integer({ min: 1, max: 20_000 }),
    replyRatio: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(
      limits,
      fc.array(step, { maxLength: 200 }),
      fc.integer({ min: 1, max: 9 }),
      (given, steps, room) => {
        const budgets = new ReplyBudgets(room);
        const [sent, received]: [Sent[], Sent[]] = [[], []];
        let nowMs = 0;
        for (const { kind, client, size, pauseMs } of steps) {
          nowMs += pauseMs;
          const pair = pairOf(CLIENTS[client]!, VICTIM);
          const moved = { client, bytes: size + HEADERS, atMs: nowMs };
          if (kind === 'answer') {
            budgets.earn(pair, size, given, nowMs);
            received.push(moved);
          } else if (budgets.spend(pair, size, given, nowMs)) sent.push(moved);
          const own = (moves: Sent[], minutes: number): number =>
            sumOf(moves.filter((each) => each.client === client && each.atMs > nowMs - minutes * MINUTE_MS));
          t.true(own(sent, 10) <= given.unansweredBytes + given.replyRatio * own(received, 20));
        }
      },
    ),
    { numRuns: 40 },
  );
});

const sumOf = (moves: readonly Sent[]): number => moves.reduce((sum, { bytes }) => sum + bytes, 0);
