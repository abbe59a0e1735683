// At its limits the daemon refuses new clients, keeps the old ones and recovers.
import { readdirSync } from 'node:fs';
import test from 'ava';
import { startDaemon } from '../support/daemon.ts';
import type { Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

async function echoes(wire: Wire, text: string): Promise<boolean> {
  wire.send(text);
  return (await wire.take(text.length)).toString() === text;
}

test('out of descriptors: new clients are turned away, old ones live, and room comes back', async (t) => {
  const echo = await echoServer(t);
  const { port, line } = await startDaemon(t, [], { wrapper: ['prlimit', '--nofile=64:64'] });
  const held: Wire[] = [];
  for (;;) {
    const wire = await connectThrough(port, echo).catch(() => undefined);
    if (wire === undefined) break;
    held.push(wire);
    t.true(held.length < 64);
  }
  t.true(held.length >= 4, `${held.length} sessions fitted`);
  t.regex(await line(/ turned-away /), /RESOURCES_EXHAUSTED/);
  for (let flood = 0; flood < 200; flood++) await t.throwsAsync(connectThrough(port, echo));
  for (const [at, wire] of held.entries()) t.true(await echoes(wire, `still ${at}`));

  const [first] = held;
  first!.socket.end();
  await line(/ ended /);
  t.true(await echoes(await connectThrough(port, echo), 'room again'));
  for (const wire of held) wire.socket.destroy();
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
  const { port, pid } = await startDaemon(t, ['--loglevel', 'notice']);
  const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
  t.true(await echoes(await connectThrough(port, echo), 'warm'));
  const before = descriptors();
  for (let each = 0; each < 1000; each++) {
    const wire = await connectThrough(port, echo);
    if (each % 2 === 0) wire.socket.resetAndDestroy();
    else wire.socket.end();
  }
  const settled = Date.now() + 5000;
  while (descriptors() > before + 2 && Date.now() < settled) await new Promise(setImmediate);
  t.true(descriptors() <= before + 2, `${descriptors()} descriptors, ${before} before`);
});
