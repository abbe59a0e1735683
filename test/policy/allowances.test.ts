// Allowances under quotas, with sessions that are simulated: each moves what it wants as far as its stop lets it.
import test from 'ava';
import fc from 'fast-check';
import { Allowances, type Bounded } from '../../src/policy/limits/allowances.ts';
import type { Entry } from '../../src/policy/limits/entry.ts';
import { Ledger } from '../../src/policy/limits/ledger.ts';
import type { LimitTable } from '../../src/policy/limits/limits.ts';
import { Usage } from '../../src/policy/limits/quota.ts';
import { limits } from '../support/limits.ts';

const M = 2 ** 20;

class Simulated implements Bounded {
  readonly entry: Entry;
  /** Where a relay under a quota begins. */
  stop = 1;
  moved = 0;
  stops = 0;
  readonly activity = {
    setStop: (bytes: number) => {
      this.stop = bytes;
      this.stops += 1;
    },
  };

  constructor(entry: Entry) {
    this.entry = entry;
  }

  move(bytes: number): void {
    this.moved += Math.max(0, Math.min(bytes, this.stop - this.moved));
  }
}

class World {
  readonly sessions: Simulated[] = [];
  table: LimitTable;
  readonly usage = new Usage(() => 0);
  readonly #ledger = new Ledger(() => 0);
  readonly #allowances = new Allowances(this.usage);

  constructor(...lines: readonly string[]) {
    this.table = limits(...lines);
  }

  begin(user: string, client = 'a'): Simulated {
    const entry = this.#ledger.enter(this.table, client);
    this.#ledger.settle(this.table, entry, { kind: 'user', name: user, group: 'all' });
    const session = new Simulated(entry);
    this.#allowances.begin(this.table, session);
    this.sessions.push(session);
    return session;
  }

  end(session: Simulated): void {
    this.#book(session);
    this.#ledger.leave(session.entry);
    this.sessions.splice(this.sessions.indexOf(session), 1);
  }

  look(): void {
    for (const session of this.sessions) this.#book(session);
    this.#allowances.adjust(this.table, this.sessions);
  }

  isSpent(user: string, sessions: number): boolean {
    return this.usage.isSpent(this.table, { scope: 'user', name: user }, sessions);
  }

  left(user: string): number {
    return this.usage.left(this.table, { scope: 'user', name: user });
  }

  #book({ entry, moved }: Simulated): void {
    for (const account of entry.accounts) this.usage.add(this.table, account, moved - entry.bookedBytes);
    entry.bookedBytes = moved;
  }
}

/** What is done to the world; numbers choose among sessions and users. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), user: fc.nat(2) }),
  fc.record({ kind: fc.constant('end' as const), at: fc.nat(9) }),
  fc.record({
    kind: fc.constant('move' as const),
    at: fc.nat(9),
    bytes: fc.integer({ min: 1, max: 64 * M }),
  }),
  fc.record({ kind: fc.constant('look' as const) }),
);

test('whatever sessions do, no quota is overshot by more than a byte for each of them', (t) => {
  const steps = fc.array(step, { maxLength: 120 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 40 * M }), (all, quota) => {
      const world = new World(`user day=${quota}`, `total month=${2 * quota}`);
      let rounding = 0;
      for (const each of all) {
        const one = 'at' in each ? world.sessions[each.at % world.sessions.length] : undefined;
        if (each.kind === 'begin') world.begin(`user${each.user}`);
        else if (each.kind === 'look') world.look();
        else if (each.kind === 'end' && one !== undefined) world.end(one);
        else if (each.kind === 'move') one?.move(each.bytes);
        if (each.kind === 'begin') rounding += 1;
      }
      for (const session of [...world.sessions]) world.end(session);
      const uses = [...world.usage.uses()];
      for (const { scope, name, dayBytes, monthBytes } of uses) {
        if (scope === 'user') t.true(dayBytes <= quota + rounding, `${name}: ${dayBytes} of ${quota}`);
        if (scope === 'total') t.true(monthBytes <= 2 * quota + rounding, `${monthBytes} of ${2 * quota}`);
      }
    }),
    { numRuns: 500 },
  );
});

test('what is left is used up within seconds by those who want it, whoever else is idle', (t) => {
  const world = new World('user day=1M');
  const all = Array.from({ length: 17 }, () => world.begin('ann'));
  const [busy] = all;
  let looks = 0;
  for (; !world.isSpent('ann', all.length) && looks < 100; looks++) {
    busy!.move(M);
    world.look();
  }
  t.true(looks <= 12, `${looks} looks`);
  t.true(world.left('ann') <= 1024 + all.length);
});

test('where much is left nobody is held back, and hardly anybody is told anything', (t) => {
  const world = new World('user day=1T');
  const [idle, chat, bulk] = [world.begin('ann'), world.begin('ann'), world.begin('ben')];
  let wanted = 0;
  for (let look = 0; look < 40; look++) {
    const grows = Math.min(200 * M, 10 * M * 2 ** look);
    wanted += grows;
    chat.move(100);
    bulk.move(grows);
    world.look();
  }
  t.is(bulk.moved, wanted);
  t.is(chat.moved, 4000);
  t.is(idle.stops, 1);
  t.true(chat.stops <= 2, `${chat.stops}`);
});

test('a quota that a reload lifts holds nobody any more, and one that it brings holds at once', (t) => {
  const world = new World('user day=1M');
  const one = world.begin('ann');
  world.table = limits();
  world.look();
  t.is(one.stop, Infinity);
  one.move(5 * M);
  world.table = limits('user day=8M');
  world.look();
  // What was moved while nobody counted is not held against anybody.
  t.true(one.stop - one.moved <= 8 * M);
  const late = world.begin('ben');
  world.table = limits();
  world.look();
  t.is(late.stop, Infinity);
  const later = world.begin('ben');
  t.is(later.stop, Infinity);
});
