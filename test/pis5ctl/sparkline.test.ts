// The bars of pis5ctl top: their heights, the character set, and the line in which they stand.
import test from 'ava';
import { drawFrame } from '../../src/pis5ctl/frame.ts';
import { barsFor, Recent, sparkline } from '../../src/pis5ctl/drawing/sparkline.ts';
import { eachMeasure } from '../../src/observe/measures.ts';
import { onTerminal, steeredDaemon } from '../support/pis5ctl.ts';

const UTF8 = { LANG: 'de_DE.UTF-8' };

test('bars are as high as their values, the greatest at the top, and the newest stand last', (t) => {
  const bars = barsFor(UTF8);
  t.is(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 20, bars), '▁▂▃▄▅▆▇█');
  t.is(sparkline([9, 9, 0, 5, 10], 3, bars), '▁▅█');
  t.is(sparkline([0, 0], 5, bars), '▁▁');
  t.is(sparkline([], 5, bars), '');
});

test('bars are plain where the character set is not UTF-8, as setlocale(3) finds it', (t) => {
  t.is(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8, barsFor({})), '_.-=+*%#');
  t.is(barsFor({ LANG: 'en_US.utf8', LC_ALL: 'C' }), barsFor({}));
  t.is(barsFor({ LANG: 'C', LC_CTYPE: 'C.UTF-8', LC_ALL: '' }), barsFor(UTF8));
});

test('rates are those between looks that are far enough apart, and never below zero', (t) => {
  const recent = new Recent();
  const totals = (bytesUp: number, accepted: number) => ({ ...eachMeasure(() => 0), bytesUp, accepted });
  recent.look(0, totals(100, 1));
  recent.look(1000, totals(300, 2));
  recent.look(1200, totals(900, 9));
  recent.look(3000, totals(700, 2));
  recent.look(4000, totals(5, 0));
  t.deepEqual(
    [recent.bytes, recent.accepted],
    [
      [200, 200, 0],
      [1, 0, 0],
    ],
  );
});

test('they have a line of their own, which fits, where the screen is high enough', (t) => {
  const looks = { bytes: [0, 1024, 2048], accepted: [1, 0, 3.5] };
  const status = { totals: eachMeasure(() => 0) } as never;
  const view = {
    ...{ status, matching: 0, look: { atMs: 0, up: 0, down: 0, sessions: [] }, before: undefined },
    sort: 'id',
    recent: { looks, bars: barsFor(UTF8) },
  } as const;
  const [, , , line = ''] = drawFrame(view, { columns: 80, rows: 24 });
  t.regex(line, /^bytes\/s +2\.0K ▁▅█ +connections\/s +3\.5 ▃▁█$/);
  for (const columns of [20, 45, 60, 200])
    for (const each of drawFrame(view, { columns, rows: 24 })) t.true(each.length <= columns, each);
  t.false(drawFrame(view, { columns: 80, rows: 8 }).some((each) => each.includes('▁')));
});

test('top draws them on a terminal', async (t) => {
  const { path } = await steeredDaemon(t);
  const top = onTerminal(t, ['--control', path, 'top'], {
    ...{ columns: 80, rows: 24 },
    env: { LC_ALL: 'C.UTF-8' },
  });
  await top.shows(/bytes\/s +0 ▁▁ +connections\/s +0\.0 ▁▁/);
  top.type('q');
  t.is((await top.ended).status, 0);
});
