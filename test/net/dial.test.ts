import test, { type ExecutionContext } from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault, type FaultCode } from '../../src/base/fault.ts';
import { dial, type DialPlan } from '../../src/net/dial/dial.ts';
import type { Pace } from '../../src/net/dial/race.ts';
import { createResolver } from '../../src/net/names/resolve.ts';
import { startDnsServer, type DnsRecord } from '../support/dns.ts';
import { ip } from '../support/ip.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { CLOSED_PORT, listenTarget } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const CLIENT = ip('127.0.0.1');
const soon = () => new Deadline(5000, 'CONNECT_TIMEOUT');

/** Time stands still: what connects under it has not waited. */
const TIMELESS: Pace = { resolutionDelayMs: 50, attemptDelayMs: 250, after: () => () => undefined };

async function resolverFor(t: ExecutionContext, record: DnsRecord) {
  const server = await startDnsServer({ 'a.test': record });
  const resolver = createResolver(
    { kind: 'servers', servers: [server.endpoint] },
    { hostsPath: '/nonexistent' },
  );
  t.teardown(() => {
    resolver.close();
    server.close();
  });
  return resolver;
}

async function target(t: ExecutionContext, host: string): Promise<number> {
  const listening = await listenTarget(host);
  t.teardown(() => listening.close());
  return listening.port;
}

function toIp(address: string, port: number, more: Partial<DialPlan> = {}): DialPlan {
  const destination = { kind: 'ip', ip: ip(address), port } as const;
  return { destination, client: CLIENT, source: [], admit: () => undefined, ...more };
}

function toName(port: number, more: Partial<DialPlan> = {}): DialPlan {
  return { ...toIp('127.0.0.1', port, more), destination: { kind: 'name', name: 'a.test', port } };
}

async function codeOf(work: Promise<unknown>): Promise<FaultCode | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Fault ? error.code : undefined;
}

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: an address is dialled as it stands`, async (t) => {
    const port = await target(t, '127.0.0.1');
    const leg = await dial(transport, await resolverFor(t, {}), toIp('127.0.0.1', port), soon());
    t.like(leg.remote, { ip: ip('127.0.0.1'), port });
    leg.close('fin');
  });

  test(`${name}: the source address of the destination's family is used`, async (t) => {
    const port = await target(t, '127.0.0.1');
    const plan = toIp('127.0.0.1', port, { source: [ip('::1'), ip('127.0.0.7')] });
    const leg = await dial(transport, await resolverFor(t, {}), plan, soon());
    t.is(leg.local.ip, ip('127.0.0.7'));
    leg.close('fin');
  });

  test(`${name}: a source of the other family is SOURCE_UNAVAILABLE`, async (t) => {
    const resolver = await resolverFor(t, { a: ['127.0.0.1'] });
    const source = [ip('::1')];
    t.is(
      await codeOf(dial(transport, resolver, toIp('127.0.0.1', 9, { source }), soon())),
      'SOURCE_UNAVAILABLE',
    );
    t.is(await codeOf(dial(transport, resolver, toName(9, { source }), soon())), 'SOURCE_UNAVAILABLE');
  });

  withIpv6(
    `${name}: a family that is not wanted is not looked up, and prefer-4 tries IPv4 first`,
    async (t) => {
      const port = await target(t, '127.0.0.1');
      const sixPort = await target(t, '::1');
      const silent = await resolverFor(t, { a: ['127.0.0.1'], aaaa: 'silent' });
      const started = performance.now();
      const leg = await dial(transport, silent, toName(port, { family: '4' }), soon(), TIMELESS);
      // Of the five seconds that the silent one would be waited for.
      t.true(performance.now() - started < 4000);
      leg.close('fin');
      const four = toIp('127.0.0.1', port, { family: '6' });
      t.is(await codeOf(dial(transport, silent, four, soon())), 'FAMILY_UNSUPPORTED');
      t.is(
        await codeOf(
          dial(transport, silent, toName(sixPort, { family: '6', source: [ip('127.0.0.1')] }), soon()),
        ),
        'FAMILY_UNSUPPORTED',
      );
    },
  );

  for (const [what, restriction, objection] of [
    ['source', { source: [CLIENT] }, 'SOURCE_UNAVAILABLE'],
    ['family', { family: '4' }, 'FAMILY_UNSUPPORTED'],
  ] as const) {
    test(`${name}: with a ${what} of IPv4 the fault of a name is told, and only IPv6 as ${objection}`, async (t) => {
      const records: readonly (readonly [DnsRecord, FaultCode])[] = [
        [{ a: 'nxdomain', aaaa: 'nxdomain' }, 'NAME_NOT_FOUND'],
        [{}, 'NAME_NOT_FOUND'],
        [{ a: 'servfail', aaaa: 'servfail' }, 'RESOLVER_FAILED'],
        [{ aaaa: ['::1'] }, objection],
      ];
      for (const [record, code] of records) {
        const resolver = await resolverFor(t, record);
        const fresh = await codeOf(dial(transport, resolver, toName(9, restriction), soon()));
        const known = await codeOf(dial(transport, resolver, toName(9, restriction), soon()));
        t.deepEqual([fresh, known], [code, code], JSON.stringify(record));
      }
    });
  }

  test(`${name}: an address that is not admitted is not dialled`, async (t) => {
    const listening = await listenTarget();
    t.teardown(() => listening.close());
    let accepted = 0;
    listening.server.on('connection', () => (accepted += 1));
    const resolver = await resolverFor(t, { a: ['127.0.0.1'] });
    const admit = () => new Fault('GUARD_DENIED');
    const { port } = listening;
    t.is(await codeOf(dial(transport, resolver, toIp('127.0.0.1', port, { admit }), soon())), 'GUARD_DENIED');
    t.is(await codeOf(dial(transport, resolver, toName(port, { admit }), soon())), 'GUARD_DENIED');
    const leg = await dial(transport, resolver, toName(port), soon());
    await listening.accept();
    t.is(accepted, 1);
    leg.close('fin');
  });

  withIpv6(`${name}: V5-19 a name with addresses of one family or both is reached`, async (t) => {
    const port = await target(t, '127.0.0.1');
    const sixPort = await target(t, '::1');
    const both = { a: ['127.0.0.1'], aaaa: ['::1'] };
    for (const { record, to, reached } of [
      { record: { a: both.a }, to: port, reached: '127.0.0.1' },
      { record: { aaaa: both.aaaa }, to: sixPort, reached: '::1' },
      { record: both, to: sixPort, reached: '::1' },
      { record: both, to: port, reached: '127.0.0.1' },
    ]) {
      const leg = await dial(transport, await resolverFor(t, record), toName(to), soon());
      t.deepEqual(leg.remote, { ip: ip(reached), port: to });
      leg.close('fin');
    }
  });

  test(`${name}: HE-1 a name server that keeps silent about IPv6 costs less than 400 ms`, async (t) => {
    const port = await target(t, '127.0.0.1');
    let costMs = Infinity;
    // A machine with other work may be late by itself; a dial that waited for the answer would be late each time.
    for (let trial = 0; trial < 5 && costMs >= 400; trial++) {
      const resolver = await resolverFor(t, { a: ['127.0.0.1'], aaaa: 'silent' });
      const startedAt = performance.now();
      const leg = await dial(transport, resolver, toName(port), soon());
      costMs = Math.min(costMs, performance.now() - startedAt);
      leg.close('fin');
    }
    t.true(costMs < 400, `${costMs} ms`);
  });

  test(`${name}: HE-2 a refused first address is followed by the second at once`, async (t) => {
    const port = await target(t, '127.0.0.3');
    const resolver = await resolverFor(t, { a: ['127.0.0.2', '127.0.0.3'] });
    const leg = await dial(transport, resolver, toName(port), soon(), TIMELESS);
    t.is(leg.remote.ip, ip('127.0.0.3'));
    leg.close('fin');
  });

  test(`${name}: addresses that all refuse are CONNECTION_REFUSED`, async (t) => {
    const resolver = await resolverFor(t, { a: ['127.0.0.1', '127.0.0.2'], aaaa: ['::1'] });
    t.is(await codeOf(dial(transport, resolver, toName(CLOSED_PORT), soon())), 'CONNECTION_REFUSED');
  });

  test(`${name}: the deadline covers the look-up`, async (t) => {
    const resolver = await resolverFor(t, { a: 'silent', aaaa: 'silent' });
    const deadline = new Deadline(20, 'CONNECT_TIMEOUT');
    t.is(await codeOf(dial(transport, resolver, toName(9), deadline)), 'CONNECT_TIMEOUT');
  });
}
