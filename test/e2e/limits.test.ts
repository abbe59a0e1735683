// At its limits the daemon refuses new clients, keeps the old ones and recovers.
import test from 'ava';
import { hammer, outcomeOf, Tally } from '../support/attackers.ts';
import { blackHole } from '../support/blackhole.ts';
import { startDaemon } from '../support/daemon.ts';
import { descriptorsOf, untilGivenBack, untilLive } from '../support/footprint.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

async function echoes(wire: Wire, text: string): Promise<boolean> {
  wire.send(text);
  return (await wire.take(text.length)).toString() === text;
}

test('out of descriptors: new clients are turned away, old ones live, and all room comes back', async (t) => {
  const echo = await echoServer(t);
  const daemon = await startDaemon(t, [], { wrapper: ['prlimit', '--nofile=64:64'] });
  const { port, lines } = daemon;
  const fill = async (): Promise<Wire[]> => {
    const held: Wire[] = [];
    for (;;) {
      const wire = await connectThrough(port, echo).catch(() => undefined);
      if (wire === undefined) return held;
      held.push(wire);
      t.true(held.length < 64);
    }
  };
  const held = await fill();
  t.true(held.length >= 4, `${held.length} sessions fitted`);
  t.regex(await daemon.line(/ turned-away /), /RESOURCES_EXHAUSTED/);
  const startedAt = Date.now();
  for (let flood = 0; flood < 400; flood++) await t.throwsAsync(connectThrough(port, echo));
  const intervals = 2 + Math.floor((Date.now() - startedAt) / 10_000);
  const told = lines.filter((line) => line.includes(' turned-away ')).length;
  t.true(told <= intervals, `${told} lines about 400 clients`);
  for (const [at, wire] of held.entries()) t.true(await echoes(wire, `still ${at}`));

  held[0]!.socket.end();
  await daemon.line(/ ended /);
  held[0] = await connectThrough(port, echo);
  t.true(await echoes(held[0], 'room again'));
  for (const wire of held) wire.socket.resetAndDestroy();
  await untilLive(daemon, 0);
  const again = await fill();
  t.log(
    `${held.length} sessions in 64 descriptors; 400 more clients were ${told} lines; then ${again.length} fitted`,
  );
  t.is(again.length, held.length);
  for (const wire of again) wire.socket.destroy();
});

test('requests that lead nowhere can take all descriptors, and give them back after connect-timeout', async (t) => {
  const echo = await echoServer(t);
  const nowhere = await blackHole(t);
  const args = ['--connect-timeout', '2s'];
  const daemon = await startDaemon(t, args, { wrapper: ['prlimit', '--nofile=64:64'] });
  await untilLive(daemon, 0);
  const before = descriptorsOf(daemon);
  const outcomes = new Tally();
  await hammer(100, 100, async () => outcomes.add(await outcomeOf(connectThrough(daemon.port, nowhere))));
  await untilGivenBack(daemon, before);
  t.log(outcomes.counts);
  t.true(outcomes.count('REP 6') >= 4, 'those that had room were told what happened');
  t.is(outcomes.count('let in'), 0);
  t.true(await echoes(await connectThrough(daemon.port, echo), 'afterwards'));
});

test('beyond maxconn a client is closed at once, with one line for many', async (t) => {
  const echo = await echoServer(t);
  const { port, line, lines } = await startDaemon(t, ['--maxconn', '2']);
  const held = [await connectThrough(port, echo), await connectThrough(port, echo)];
  for (let each = 0; each < 50; each++) await t.throwsAsync(connectThrough(port, echo));
  t.regex(await line(/ turned-away /), /SESSIONS_FULL/);
  t.true(lines.filter((each) => each.includes('turned-away')).length <= 2);
  for (const wire of held) t.true(await echoes(wire, 'held'));
  held[0]!.socket.end();
  await line(/ ended /);
  t.true(await echoes(await connectThrough(port, echo), 'next'));
  for (const wire of held) wire.socket.destroy();
});

test('1,000 sessions one after the other leave no descriptors behind', async (t) => {
  const echo = await echoServer(t);
  const daemon = await startDaemon(t, ['--loglevel', 'notice']);
  const { port } = daemon;
  const warm = await connectThrough(port, echo);
  t.true(await echoes(warm, 'warm'));
  const before = descriptorsOf(daemon);
  for (let each = 0; each < 1000; each++) {
    const wire = await connectThrough(port, echo);
    if (each % 2 === 0) wire.socket.resetAndDestroy();
    else wire.socket.end();
  }
  warm.socket.destroy();
  await untilGivenBack(daemon, before);
});
