// Requests that lead nowhere, a thousand at a time: to an address that never answers, and for names that nobody knows.
import test, { type ExecutionContext } from 'ava';
import { dialFrom, hammer, Tally } from '../support/attackers.ts';
import { blackHole } from '../support/blackhole.ts';
import { p99Of, serveOnce } from '../support/bystander.ts';
import { startDaemon, type Daemon } from '../support/daemon.ts';
import { startDnsServer, type DnsRecord } from '../support/dns.ts';
import { descriptorsOf, residentBytes, untilGivenBack, untilLive } from '../support/footprint.ts';
import { enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const PENDING = 1000;
const LIMIT_MS = 250;
const HOPELESS = ['--connect-timeout', '8s'];

/** Sends all requests, each address its share; `answers` has each reply at the end. */
async function flood(
  t: ExecutionContext,
  { port }: Daemon,
  addresses: number,
  requestOf: (id: number) => Uint8Array,
): Promise<{ readonly answers: Tally; readonly ended: Promise<unknown> }> {
  const answers = new Tally();
  const pending: Promise<void>[] = [];
  await hammer(PENDING, 32, async (id) => {
    const wire = await dialFrom(t, `127.0.1.${1 + (id % addresses)}`, port);
    await enter(wire);
    wire.send(requestOf(id));
    const reply = wire.take(10).then(([, rep]) => {
      answers.add(`REP ${rep ?? -1}`);
      wire.socket.destroy();
    });
    pending.push(reply);
  });
  return { answers, ended: Promise.all(pending) };
}

function requestFor(host: string, port: number): Uint8Array {
  const address = /^[\d.]+$/.test(host)
    ? Uint8Array.from([1, ...host.split('.').map(Number)])
    : Buffer.concat([Uint8Array.of(3, host.length), Buffer.from(host)]);
  return Buffer.concat([Uint8Array.of(5, 1, 0), address, Uint8Array.of(port >> 8, port & 0xff)]);
}

test.serial(
  '1,000 connects to an address that never answers are not felt, and end after connect-timeout',
  async (t) => {
    const echo = await echoServer(t);
    const nowhere = await blackHole(t);
    const daemon = await startDaemon(t, [...HOPELESS, '--loglevel', 'notice']);
    await serveOnce(daemon.port, echo);
    await untilLive(daemon, 0);
    const before = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon) };

    const { answers, ended } = await flood(t, daemon, 50, () => requestFor('127.0.0.1', nowhere));
    const held = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon) };
    const p99 = await p99Of(() => serveOnce(daemon.port, echo), { samples: 60, limitMs: LIMIT_MS });
    t.deepEqual(answers.counts, {}, 'they waited all the while');
    await ended;
    await untilGivenBack(daemon, before.descriptors);

    t.log(
      `p99 of new sessions ${p99.toFixed(1)} ms; ${held.descriptors} descriptors and ` +
        `${Math.round((held.bytes - before.bytes) / PENDING / 1024)} KiB each while ${PENDING} waited, ` +
        `${descriptorsOf(daemon)} descriptors afterwards`,
    );
    t.deepEqual(answers.counts, { 'REP 6': PENDING });
    t.true(held.descriptors > PENDING, `${held.descriptors} descriptors, so not all were waiting`);
    t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
  },
);

test.serial('1,000 names for which no answer comes keep nobody from having his own looked up', async (t) => {
  const echo = await echoServer(t);
  const table: Record<string, DnsRecord> = {};
  for (let id = 0; id < PENDING; id++) table[`n${id}.dead.test`] = { a: 'silent', aaaa: 'silent' };
  const dns = await startDnsServer(table);
  t.teardown(() => dns.close());
  const resolver = ['--resolver', `127.0.0.1:${dns.endpoint.port}`];
  const daemon = await startDaemon(t, [...HOPELESS, ...resolver, '--loglevel', 'notice']);
  let asked = 0;
  const lookUp = async (): Promise<void> => {
    const name = `h${asked++}.live.test`;
    table[name] = { a: ['127.0.0.1'] };
    const wire = await dialFrom(t, '127.0.0.1', daemon.port);
    await enter(wire);
    wire.send(requestFor(name, echo));
    t.is((await wire.take(10))[1], 0);
    wire.socket.resetAndDestroy();
  };
  await lookUp();
  await untilLive(daemon, 0);
  const before = descriptorsOf(daemon);

  const { answers, ended } = await flood(t, daemon, 50, (id) => requestFor(`n${id}.dead.test`, 80));
  const p99 = await p99Of(lookUp, { samples: 60, limitMs: LIMIT_MS });
  await ended;
  await untilGivenBack(daemon, before);

  t.log(`p99 of new sessions to new names ${p99.toFixed(1)} ms`, answers.counts);
  t.is(
    Object.values(answers.counts).reduce((sum, count) => sum + count),
    PENDING,
  );
  t.is(answers.count('REP 0'), 0);
  t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
});

test.serial('1,000 such names of one address wait in 32 places, and the rest is told at once', async (t) => {
  const table: Record<string, DnsRecord> = {};
  for (let id = 0; id < PENDING; id++) table[`n${id}.dead.test`] = { a: 'silent', aaaa: 'silent' };
  const dns = await startDnsServer(table);
  t.teardown(() => dns.close());
  const resolver = ['--resolver', `127.0.0.1:${dns.endpoint.port}`];
  const daemon = await startDaemon(t, ['--connect-timeout', '3s', ...resolver, '--loglevel', 'notice']);
  const { answers, ended } = await flood(t, daemon, 1, (id) => requestFor(`n${id}.dead.test`, 80));
  await ended;
  t.log(answers.counts);
  t.true(answers.count('REP 1') >= PENDING - 64, 'RESOLVER_BUSY');
  t.regex(await daemon.line(/ refused /), /RESOLVER_BUSY/);
});
