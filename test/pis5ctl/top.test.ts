// pis5ctl top, on a terminal and without one.
import ava from 'ava';
import { onTerminal, steeredDaemon } from '../support/pis5ctl.ts';
import { transports } from '../support/transports.ts';
import { busyDaemon, ONE } from '../support/busydaemon.ts';

/** One after the other: each has a daemon and some programs of its own. */
const test = ava.serial;

for (const { name } of transports) {
  test(`${name}: top on a terminal draws, sorts, follows and leaves the terminal as it was`, async (t) => {
    const { path, alice } = await busyDaemon(t, name);
    const top = onTerminal(t, ['--control', path, 'top'], { columns: 72, rows: 6 });
    const first = await top.shows(/alice/);
    t.true(first.includes('\x1b[?1049h\x1b[?25l'));
    t.regex(first, /2 shown by down; sort by/);
    const drawn = first.slice(first.indexOf('\x1b[H') + 3).split('\r\n');
    t.true(drawn.length <= 6, first);
    // eslint-disable-next-line no-control-regex
    for (const line of drawn) t.true(line.replaceAll(/\x1b\[[?\d]*[A-Za-z]|\r/g, '').length <= 72, line);
    alice.send('x'.repeat(50_000));
    await alice.take(50_000);
    await top.shows(/49K +49K/);
    top.type('n');
    await top.shows(/2 shown by user/);
    top.type('c');
    await top.shows(/1-1 of 2: 0 above, 1 below/);
    top.type('\x1b[B');
    await top.shows(/2-2 of 2: 1 above, 0 below/);
    top.type('jk');
    await top.shows(/1-1 of 2: 0 above, 1 below/);
    top.type('q');
    const { status, output } = await top.ended;
    t.is(status, 0, output);
    t.true(output.trimEnd().endsWith('\x1b[?25h\x1b[?1049l'), JSON.stringify(output.slice(-80)));
  });
}

test('top without a terminal prints one picture', async (t) => {
  const { ctl } = await busyDaemon(t, ONE);
  const { status, stdout } = await ctl('top');
  t.is(status, 0);
  t.regex(
    stdout,
    /^picosocks5 .*\n2 sessions, 1 in the handshake; .*\n2 shown by down.*\n\n.*UP\/s +DOWN\/s.*\n.*alice/,
  );
  t.false(stdout.includes('\x1b'));
});

test('top ends with a word when the daemon does, and leaves the terminal as it was', async (t) => {
  const { path, daemon } = await steeredDaemon(t);
  const top = onTerminal(t, ['--control', path, 'top']);
  await top.shows(/0 sessions/);
  daemon.signal('SIGTERM');
  const { status, output } = await top.ended;
  t.is(status, 69);
  t.regex(output, /\[\?1049l[^]*the daemon at .* has gone/);
  t.false(output.includes('ECHO-IS-OFF'));
});
