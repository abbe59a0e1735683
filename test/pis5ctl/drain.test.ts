// pis5ctl drain: what is shown to those who wait, on a terminal and in a pipe, and Ctrl-C.
import test, { type ExecutionContext } from 'ava';
import { Progress } from '../../src/daemon/unix/progress.ts';
import { endOf, looked, newDrainage, progressOf } from '../../src/pis5ctl/drawing/drainage.ts';
import { onTerminal, steeredDaemon, type Steered } from '../support/pis5ctl.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const clock = (ms: number): string => `[${ms / 1000}]`;

test('what is left, until when and how it ended follows from the looks', (t) => {
  let drainage = newDrainage(0, { announce: 10, seconds: 30, sessions: 5 });
  t.is(progressOf(drainage, 500, clock), 'serves until [10] (10s more): 5 sessions');
  drainage = looked(drainage, 9000, 7);
  t.is(progressOf(drainage, 9000, clock), 'serves until [10] (1s more): 7 sessions');
  drainage = looked(drainage, 10_500, 6);
  t.is(progressOf(drainage, 10_500, clock), 'draining: 6 of 7 sessions left, cut at [40] (in 30s)');
  drainage = looked(drainage, 39_500, 2);
  t.is(endOf(drainage, 39_600), 'stopped after 39s: 7 of 7 sessions ended, 0 were cut');
  t.is(progressOf(drainage, 40_000, clock), 'draining: cuts the last 2 of 7 sessions');
  // They are on their way out.
  drainage = looked(drainage, 40_500, 0);
  t.is(endOf(drainage, 41_000), 'stopped after 41s: 5 of 7 sessions ended, 2 were cut');
});

test('progress is one line on a terminal, and elsewhere a line each ten seconds', (t) => {
  let now = 0;
  const told = (stream: { isTTY?: boolean; columns?: number }): string => {
    let text = '';
    const progress = new Progress(
      stream,
      (more) => (text += more),
      () => now,
    );
    for (const [atMs, line] of [
      [1000, 'one'],
      [10_000, 'two'],
      [10_100, 'three'],
      [19_000, 'three'],
      [20_500, 'a long one'],
    ] as const) {
      now = atMs;
      progress.show(line);
    }
    progress.end('over');
    now = 0;
    return text;
  };
  t.is(told({}), 'two\na long one\nover\n');
  t.is(told({ isTTY: true, columns: 6 }), '\rone\x1b[K\rtwo\x1b[K\rthree\x1b[K\ra lon\x1b[K\rover\x1b[K\n');
});

async function drained(t: ExecutionContext, ...args: readonly string[]): Promise<Steered & { wire: Wire }> {
  const steered = await steeredDaemon(t, args);
  const wire = await connectThrough(steered.daemon.port, await echoServer(t));
  return { ...steered, wire };
}

test('on a terminal it says how many are left until the daemon has ended', async (t) => {
  const { path, daemon, wire } = await drained(t);
  const drain = onTerminal(t, ['--control', path, 'drain']);
  await drain.shows(/\rdraining: 1 of 1 sessions left, cut at \d\d:\d\d:\d\d \(in \d+s\).\[K/);
  wire.socket.destroy();
  const { status, output } = await drain.ended;
  t.is(status, 0);
  t.regex(output, /\rstopped after \d+s: 1 of 1 sessions ended, 0 were cut.\[K\r\n$/);
  t.is(await daemon.exited, 0);
});

test('Ctrl-C leaves the drain going, and says so', async (t) => {
  const { path, daemon, wire, ctl } = await drained(t);
  const drain = onTerminal(t, ['--control', path, 'drain', '--announce', '1h']);
  await drain.shows(/serves until \d\d:\d\d:\d\d \(59m\d\ds more\): 1 sessions/);
  drain.type('\x03');
  const { status, output } = await drain.ended;
  t.is(status, 130);
  t.regex(output, /the drain goes on; "pis5ctl status" says how far it is\r\n$/);
  const again = onTerminal(t, ['--control', path, 'drain']);
  await again.shows(/1 of 1 sessions left/);
  again.type('\x03');
  await again.ended;
  t.regex((await ctl('status')).stdout, /^state: +draining/m);
  wire.send('still');
  t.is((await wire.take(5)).toString(), 'still');
  wire.socket.destroy();
  t.is(await daemon.exited, 0);
});

test('with --wait it stays in a pipe as well, and says what was cut', async (t) => {
  const { ctl, daemon } = await drained(t, '--drain', '1s');
  const { status, stdout, stderr } = await ctl('drain', '--wait');
  t.is(status, 0, stderr);
  t.regex(
    stdout,
    /^draining: one session left, cut after 1s\nstopped after \ds: 0 of 1 sessions ended, 1 were cut\n$/,
  );
  t.is(await daemon.exited, 0);
  const refused = await ctl('--json', 'drain', '--wait');
  t.regex(refused.stderr, /drain has no --json with --wait/);
});
