import test from 'ava';
import type { SessionReport, DaemonStatus } from '../../src/control/controlanswer.ts';
import { formatBytes, formatTime } from '../../src/pis5ctl/drawing/amount.ts';
import { drawFrame } from '../../src/pis5ctl/frame.ts';
import { keysOf, SCROLL_OF_KEY } from '../../src/pis5ctl/keys.ts';
import { sessionRates, totalRate, type RateLook } from '../../src/pis5ctl/rates.ts';
import { formatTable, shown } from '../../src/pis5ctl/drawing/table.ts';

test('formatBytes() needs four characters and a unit at most', (t) => {
  const cases = [
    [0, '0'],
    [1023, '1023'],
    [1024, '1.0K'],
    [10_239, '10.0K'],
    [10_240, '10K'],
    [1_023_000, '999K'],
    [1_024_000, '1.0M'],
    [5 * 2 ** 40, '5.0T'],
    [2 ** 53, '8.0P'],
  ] as const;
  for (const [bytes, text] of cases) t.is(formatBytes(bytes), text);
});

test('formatTime() shows two units', (t) => {
  const cases = [
    [0.9, '0s'],
    [59, '59s'],
    [60, '1m00s'],
    [3599, '59m59s'],
    [11_100, '3h05m'],
    [200_000, '2d07h'],
  ] as const;
  for (const [seconds, text] of cases) t.is(formatTime(seconds), text);
});

test('shown() leaves nothing that a terminal could obey, or that could be taken for another column', (t) => {
  t.is(shown('alice@example.org'), 'alice@example.org');
  t.is(shown('a b'), '"a b"');
  t.is(shown('\x1b]0;x\x07\u202e\n'), '"\\u001b]0;x\\u0007\\u202e\\n"');
  t.is(shown(''), '""');
});

test('formatTable() aligns and leaves no space behind', (t) => {
  const columns = [
    { title: 'N', align: 'right', cell: (row: { n: number }) => String(row.n) },
    { title: 'NAME', align: 'left', cell: (row: { n: number }) => 'x'.repeat(row.n) },
  ] as const;
  t.deepEqual(formatTable(columns, [{ n: 1 }, { n: 10 }]), [' N  NAME', ' 1  x', '10  xxxxxxxxxx']);
});

const session = (id: number, up: number, down: number): SessionReport => ({
  id,
  client: '10.0.0.1:5000',
  user: undefined,
  group: undefined,
  userid: undefined,
  command: 'connect',
  dest: 'example.org:443',
  dialled: undefined,
  seconds: 5,
  up,
  down,
});

const BEFORE: RateLook = { atMs: 1000, up: 100, down: 900, sessions: [session(1, 10, 20), session(2, 5, 5)] };
const NOW: RateLook = { atMs: 3000, up: 300, down: 100, sessions: [session(1, 30, 2068), session(3, 7, 7)] };

test('rates are those of sessions that were seen twice, and never below zero', (t) => {
  t.deepEqual([...sessionRates(BEFORE, NOW)], [[1, { up: 10, down: 1024 }]]);
  t.deepEqual(totalRate(BEFORE, NOW), { up: 100, down: 0 });
  t.deepEqual([...sessionRates(undefined, NOW)], []);
  t.deepEqual(totalRate(undefined, NOW), { up: 0, down: 0 });
});

const STATUS: DaemonStatus = {
  release: '1.2.3',
  pid: 7,
  state: 'serving',
  uptimeSeconds: 61,
  transport: 'engine',
  account: 'nobody',
  listen: [],
  users: 0,
  bans: 0,
  logLevel: 'info',
  live: 2,
  handshakes: 0,
  commands: { connect: 2, bind: 0, assoc: 0, resolve: 0 },
  totals: { accepted: 0, refused: 0, ended: 0, turnedAway: 0, loginsFailed: 0, bytesUp: 0, bytesDown: 0 },
  memoryBytes: undefined,
  descriptors: undefined,
  descriptorLimit: undefined,
  lastReload: undefined,
  stateFailure: undefined,
  ways: undefined,
};

test('drawFrame() fits the screen, however small, and shows rates', (t) => {
  const view = { status: STATUS, matching: 2, look: NOW, before: BEFORE, sort: 'up' } as const;
  const whole = drawFrame(view, { columns: 200, rows: 50 });
  t.is(whole.length, 7);
  t.is(whole[0], 'picosocks5 1.2.3, serving for 1m01s, engine, pid 7');
  t.regex(
    whole[1]!,
    /^2 sessions, .*; up 100\/s, down 0\/s; memory unknown, descriptors unknown of any number$/,
  );
  t.regex(whole[5]!, / connect +5s +30 +2\.0K +10 +1\.0K +example\.org:443$/);
  t.regex(whole[6]!, / connect +5s +7 +7 +- +- +example\.org:443$/);
  t.is(whole[3], '');
  const small = drawFrame(view, { columns: 20, rows: 3 });
  t.is(small.length, 3);
  for (const line of small) t.true(line.length <= 20);
});

const many = (count: number): RateLook => ({
  ...NOW,
  sessions: Array.from({ length: count }, (_, at) => session(at + 1, 0, 0)),
});

test('drawFrame() scrolls as far as there are sessions, and says what it leaves out', (t) => {
  const screen = { columns: 200, rows: 8 };
  const drawn = (above: number, matching = 10) => {
    const view = { status: STATUS, matching, look: many(10), before: undefined, sort: 'id', above } as const;
    const [, , , note, , ...rows] = drawFrame(view, screen);
    return [note, rows.map((row) => Number.parseInt(row, 10)).join()];
  };
  const keys = '(arrows, PgUp, PgDn, Home, End)';
  t.deepEqual(drawn(0), [`1-3 of 10: 0 above, 7 below ${keys}`, '1,2,3']);
  t.deepEqual(drawn(4), [`5-7 of 10: 4 above, 3 below ${keys}`, '5,6,7']);
  t.deepEqual(drawn(99), [`8-10 of 10: 7 above, 0 below ${keys}`, '8,9,10']);
  t.deepEqual(drawn(0, 1200), [
    `1-3 of 10: 0 above, 7 below ${keys}; 1190 more are not listed (--limit N)`,
    '1,2,3',
  ]);
  const paper = { columns: 1000, rows: Infinity };
  const view = { status: STATUS, matching: 12, look: many(10), before: undefined, sort: 'id' } as const;
  t.is(drawFrame(view, paper)[3], '2 more are not listed (--limit N)');
  t.is(drawFrame(view, paper).length, 15);
});

test('keysOf() takes escape sequences for one key, and what scrolls is one of them', (t) => {
  const typed = 'j\x1b[B\x1bOAq\x1b[5~\x1b';
  t.deepEqual(keysOf(typed), ['j', '\x1b[B', '\x1bOA', 'q', '\x1b[5~', '\x1b']);
  const moved = keysOf('jG b\x1b[6~\x1b[1~').map((key) => SCROLL_OF_KEY[key]?.(50, 20));
  t.deepEqual(moved, [51, Number.MAX_SAFE_INTEGER, 70, 30, 70, 0]);
});
