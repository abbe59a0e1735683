// Strangers at the port of a BIND: sent away at once, however many, and the one who is expected still gets in.
import test from 'ava';
import { dialFrom, hammer } from '../support/attackers.ts';
import { askBind, takeReply } from '../support/bind.ts';
import { echoOnce, p99Of } from '../support/bystander.ts';
import { startDaemon } from '../support/daemon.ts';
import { cpuMs, descriptorsOf, residentBytes, untilGivenBack, untilLive } from '../support/footprint.ts';
import { ip } from '../support/ip.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const STRANGERS = 3000;
const FRIEND = '127.0.0.9';
const LIMIT_MS = 250;

test.serial('3,000 strangers at a port of BIND are sent away, and then the peer comes in', async (t) => {
  const echo = await echoServer(t);
  const daemon = await startDaemon(t, ['--loglevel', 'notice']);
  await untilLive(daemon, 0);
  const empty = descriptorsOf(daemon);
  const bystander = await connectThrough(daemon.port, echo);
  const client = await askBind(daemon.port, { from: FRIEND });
  const { bound } = await takeReply(client);
  const before = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon), cpu: cpuMs(daemon) };

  let sentAway = 0;
  const strangers = hammer(STRANGERS, 8, async (id) => {
    const wire = await dialFrom(t, `127.0.0.${10 + (id % 90)}`, bound.port).catch(() => undefined);
    if (wire === undefined || (await wire.ending()) === 'reset') sentAway += 1;
    wire?.socket.destroy();
  });
  const p99 = await p99Of(() => echoOnce(bystander), { samples: 100, limitMs: LIMIT_MS });
  await strangers;
  const cpu = (cpuMs(daemon) - before.cpu) / STRANGERS;
  const grown = residentBytes(daemon) - before.bytes;
  t.log(
    `${sentAway} sent away, ${cpu.toFixed(3)} ms CPU each, ${Math.round(grown / 1024)} KiB more memory; ` +
      `p99 of a bystander ${p99.toFixed(1)} ms`,
  );
  t.is(sentAway, STRANGERS);
  t.true(descriptorsOf(daemon) <= before.descriptors, `${descriptorsOf(daemon)} descriptors`);
  t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);

  const peer = await dialFrom(t, FRIEND, bound.port);
  t.is((await takeReply(client)).bound.ip, ip(FRIEND));
  client.send('hello');
  t.is((await peer.take(5)).toString(), 'hello');
  for (const wire of [client, peer, bystander]) wire.socket.destroy();
  await untilGivenBack(daemon, empty);
});

test.serial(
  'strangers at a port of BIND are one line in the log when there are no descriptors for them',
  async (t) => {
    const daemon = await startDaemon(t, ['--loglevel', 'notice'], { wrapper: ['prlimit', '--nofile=32:32'] });
    const client = await askBind(daemon.port, { from: FRIEND });
    const { bound } = await takeReply(client);
    const startedAt = Date.now();
    await hammer(600, 64, async () => {
      const wire = await dialFrom(t, '127.0.0.66', bound.port).catch(() => undefined);
      await wire?.ending();
    });
    const intervals = 2 + Math.floor((Date.now() - startedAt) / 10_000);
    const told = daemon.lines.filter((line) => line.includes(' turned-away ')).length;
    t.log(`${told} lines about 600 strangers`);
    t.true(told <= intervals, `${told} lines`);

    const peer = await dialFrom(t, FRIEND, bound.port);
    t.is((await takeReply(client)).bound.ip, ip(FRIEND));
    for (const wire of [client, peer]) wire.socket.destroy();
  },
);
