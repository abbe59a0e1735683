// Shares of a rate among sessions that are simulated: each moves what it wants as far as its rate lets it.
import test from 'ava';
import type { Identity } from '../../src/policy/identity.ts';
import { Ledger } from '../../src/policy/limits/ledger.ts';
import type { LimitTable } from '../../src/policy/limits/limits.ts';
import { Shares, type Sharer } from '../../src/policy/limits/shares.ts';
import { limits } from '../support/limits.ts';

const STEP_MS = 250;

/** A download that wants so many bytes per second. */
class Download {
  readonly sharer: Sharer;
  wants: number;
  rate = Infinity;
  /** Bytes of the last step. */
  last = 0;
  #moved = 0;

  constructor(entry: Sharer['entry'], wants: number) {
    this.wants = wants;
    this.sharer = {
      entry,
      activity: {
        progress: () => ({ bytesUp: 0, bytesDown: this.#moved }),
        setRate: ({ down }) => (this.rate = down === 0 ? Infinity : down),
      },
    };
  }

  move(): void {
    this.last = (Math.min(this.wants, this.rate) * STEP_MS) / 1000;
    this.#moved += this.last;
  }
}

class World {
  readonly downloads: Download[] = [];
  table: LimitTable;
  #nowMs = 0;
  readonly #ledger = new Ledger(() => this.#nowMs);
  readonly #shares = new Shares(0);

  constructor(...lines: readonly string[]) {
    this.table = limits(...lines);
  }

  download(name: string, wants = Infinity, client = 'a'): Download {
    const [user = '', group] = name.split('@');
    const identity: Identity = { kind: 'user', name: user, group };
    const entry = this.#ledger.enter(this.table, client);
    this.#ledger.settle(this.table, entry, identity);
    const download = new Download(entry, Math.min(wants, 1e9));
    const rate = this.#shares.begin(this.table, download.sharer);
    if (rate !== undefined) download.sharer.activity?.setRate(rate);
    this.downloads.push(download);
    return download;
  }

  /** Lets so many looks at the sessions pass. */
  run(steps: number): void {
    for (let each = 0; each < steps; each++) {
      for (const download of this.downloads) download.move();
      this.#nowMs += STEP_MS;
      this.#shares.adjust(
        this.table,
        this.downloads.map(({ sharer }) => sharer),
        this.#nowMs,
      );
    }
  }

  /** What all that are given may move in a second. */
  rateOf(...downloads: readonly Download[]): number {
    return downloads.reduce((sum, { rate }) => sum + rate, 0);
  }
}

test('one session gets all of its user’s rate', (t) => {
  const world = new World('user down=1000000');
  const only = world.download('ann');
  t.is(only.rate, 1_000_000);
  world.run(8);
  t.is(only.rate, 1_000_000);
});

test('sessions that all want more get equal parts, and users do not share with each other', (t) => {
  const world = new World('user down=1000000');
  const anns = [1, 2, 3, 4].map(() => world.download('ann'));
  const ben = world.download('ben');
  world.run(8);
  for (const { rate } of anns) t.true(Math.abs(rate - 250_000) <= 5000, `${rate}`);
  t.is(ben.rate, 1_000_000);
  t.true(world.rateOf(...anns) <= 1_000_000);
});

test('what a quiet session does not use goes to the others', (t) => {
  const world = new World('user down=1000000');
  const quiet = world.download('ann', 20_000);
  const busy = [world.download('ann'), world.download('ann')];
  world.run(12);
  t.true(quiet.last >= (20_000 * STEP_MS) / 1000);
  for (const { rate } of busy) t.true(rate > 400_000, `${rate}`);
  t.true(world.rateOf(quiet, ...busy) <= 1_000_000);
});

test('an idle session that wakes has its part after two looks', (t) => {
  const world = new World('user down=1000000');
  const idle = world.download('ann', 0);
  const busy = world.download('ann');
  world.run(12);
  t.true(busy.rate > 900_000, `${busy.rate}`);
  t.true(idle.rate >= 1);
  idle.wants = 1e9;
  world.run(3);
  t.true(Math.abs(idle.rate - 500_000) < 20_000, `${idle.rate}`);
});

test('a session under several limits has the least of its shares, and leaves the rest to others', (t) => {
  const world = new World('user down=1000000', 'group:staff down=1200000');
  const ann = world.download('ann@staff', 100_000);
  const ben = world.download('ben@staff');
  const cay = world.download('cay@staff');
  world.run(20);
  t.true(ben.rate > 450_000 && ben.rate <= 1_000_000, `${ben.rate}`);
  t.true(world.rateOf(ann, ben, cay) <= 1_200_000);
  t.true(ann.last >= 25_000 - 1);
  const eve = world.download('eve');
  world.run(4);
  t.is(eve.rate, 1_000_000);
});

test('clients and all together share, too', (t) => {
  const world = new World('client down=600000', 'total down=1000000');
  const [one, other] = [world.download('a', Infinity, 'x'), world.download('b', Infinity, 'x')];
  const third = world.download('c', Infinity, 'y');
  world.run(16);
  t.true(world.rateOf(one, other) <= 600_000);
  t.true(world.rateOf(one, other, third) <= 1_000_000);
  t.true(third.rate >= 330_000, `${third.rate}`);
});

test('a session that joins begins with an equal part', (t) => {
  const world = new World('user down=1000000');
  world.download('ann');
  world.run(2);
  t.is(world.download('ann').rate, 500_000);
});

test('a rate of a reload holds for live sessions, and one that is gone leaves them', (t) => {
  const world = new World();
  const only = world.download('ann');
  world.run(2);
  t.is(only.rate, Infinity);
  world.table = limits('user down=1000');
  world.run(1);
  t.is(only.rate, 1000);
  world.table = limits();
  world.run(1);
  t.is(only.rate, Infinity);
});

test('no share is so small that it would mean no limit', (t) => {
  const world = new World('user down=10');
  const many = Array.from({ length: 50 }, () => world.download('ann', 0));
  world.run(4);
  for (const { rate } of many) t.is(rate, 1);
});
