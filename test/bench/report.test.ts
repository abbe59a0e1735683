import test from 'ava';
import { GOALS, RIVALS } from '../../bench/goals.ts';
import type { FigureName } from '../../bench/figures.ts';
import type { Peer, Role } from '../../bench/peers.ts';
import { formatMedians, formatVerdicts, judge } from '../../bench/report.ts';
import { bestOf, type Samples } from '../../bench/samples.ts';

const OURS = 'picosocks5-engine';

test('bestOf() takes the lowest or the highest median, as the figure has it, and says whose it is', (t) => {
  const samples = measured({ down1Cpu: { one: [9, 1, 2], two: [3] }, down1Rate: { one: [5], two: [7] } });
  t.deepEqual(bestOf(samples, ['one', 'two'], 'down1Cpu'), { peer: 'one', value: 2 });
  t.deepEqual(bestOf(samples, ['one', 'two'], 'down1Rate'), { peer: 'two', value: 7 });
  t.deepEqual(bestOf(samples, ['three', 'two'], 'down1Cpu'), { peer: 'two', value: 3 });
  t.is(bestOf(samples, ['one', 'two'], 'up1Cpu'), undefined);
});

test('judge() measures against the best of all rivals, and against the peer that a goal names', (t) => {
  const samples = measured({ down1Cpu: { floor: [0.1], hev: [0.2], other: [0.16], [OURS]: [0.12] } });
  const peers = [...rivals('hev', 'other'), peer('floor', 'yardstick'), peer(OURS, 'product')];
  t.deepEqual(outcomes(samples, peers, 'down1Cpu'), [
    ['hev', 0.6, 'reached'],
    [RIVALS, 0.75, 'MISSED'],
    ['floor', 1.2, 'reached'],
  ]);
});

test('judge() says "not measured" where either side of a ratio is missing', (t) => {
  const samples = measured({ down1Cpu: { [OURS]: [0.12] }, up1Cpu: { hev: [0.2] } });
  const peers = [...rivals('hev'), peer(OURS, 'product')];
  t.deepEqual(outcomes(samples, peers, 'down1Cpu'), [
    ['hev', undefined, 'not measured'],
    [RIVALS, undefined, 'not measured'],
    ['floor', undefined, 'not measured'],
  ]);
  t.true(outcomes(samples, peers, 'up1Cpu').every(([, , outcome]) => outcome === 'not measured'));
});

test('judge() takes what is to be at least so much the other way round', (t) => {
  const peers = [...rivals('hev'), peer(OURS, 'product')];
  const [against] = outcomes(measured({ down1Rate: { hev: [2], [OURS]: [2.3] } }), peers, 'down1Rate');
  t.is(against?.[2], 'MISSED');
  const [then] = outcomes(measured({ down1Rate: { hev: [2], [OURS]: [2.4] } }), peers, 'down1Rate');
  t.is(then?.[2], 'reached');
});

test('judge() judges builds as they are meant to run, and nobody else', (t) => {
  const peers = [...rivals('hev'), peer('picosocks5-streams', 'fallback'), peer(OURS, 'product')];
  const judged = judge(new Map(), peers);
  t.deepEqual([...new Set(judged.map((verdict) => verdict.peer))], [OURS]);
  t.is(judged.length, GOALS.length);
});

test('each promise is made once', (t) => {
  const names = GOALS.map(({ figure, against }) => `${figure} ${against ?? ''}`);
  t.deepEqual(names, [...new Set(names)]);
});

test('formatMedians() has a column for each peer and one for the best of all, and ratios behind ours', (t) => {
  const samples = measured({ down1Cpu: { floor: [0.1], hev: [0.2], other: [0.16], [OURS]: [0.12] } });
  const peers = [peer('floor', 'yardstick'), ...rivals('hev', 'other'), peer(OURS, 'product')];
  const [head, row, ...rest] = formatMedians(samples, peers).split('\n');
  t.regex(head!, /^median +floor +hev +other +the best of all +picosocks5-engine$/);
  t.regex(
    row!,
    /one stream, down: CPU per GB, s\/GB +0\.100 +0\.200 +0\.160 +0\.160 other +0\.120 \(0\.75, 1\.20\)$/,
  );
  t.is(rest.length, 1);
});

test('formatVerdicts() says what is promised and what was measured', (t) => {
  const peers = [...rivals('hev'), peer(OURS, 'product')];
  const text = formatVerdicts(judge(measured({ restMiB: { [OURS]: [47] } }), peers));
  t.regex(text, /memory at rest \(Pss\) +at most 48 +47\.00 +reached/);
  t.regex(text, /one stream, down: CPU per GB +against hev +at most 0\.6 +- +not measured/);
});

function measured(figures: Partial<Record<FigureName, Readonly<Record<string, number[]>>>>): Samples {
  const samples: Samples = new Map();
  for (const [figure, values] of Object.entries(figures)) {
    for (const [name, list] of Object.entries(values)) {
      samples.set(name, { ...samples.get(name), [figure]: list });
    }
  }
  return samples;
}

function peer(name: string, role: Role): Peer {
  return { name, role, command: () => [] };
}

function rivals(...names: readonly string[]): Peer[] {
  return names.map((name) => peer(name, 'rival'));
}

function outcomes(
  samples: Samples,
  peers: readonly Peer[],
  figure: FigureName,
): (readonly [string | undefined, number | undefined, string])[] {
  return judge(samples, peers)
    .filter(({ goal }) => goal.figure === figure)
    .map(({ goal, value, outcome }) => [
      goal.against,
      value === undefined ? undefined : Number(value.toFixed(6)),
      outcome,
    ]);
}
