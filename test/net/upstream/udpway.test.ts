// What proxies say about where they take datagrams. How datagrams pass is in test/session/outlets*.test.ts.
import test, { type ExecutionContext } from 'ava';
import { Deadline } from '../../../src/base/deadline.ts';
import { createResolver } from '../../../src/net/names/resolve.ts';
import type { UdpWay } from '../../../src/net/proxies/udpsocket.ts';
import { openUdpWay, type UdpWayPlan } from '../../../src/net/routes/udpway.ts';
import type { WayChange } from '../../../src/net/routes/ways.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { encodeDatagramHeader } from '../../../src/protocol/datagram.ts';
import { datagram } from '../../support/associations.ts';
import { causeOf, faultOf } from '../../support/faults.ts';
import { ip } from '../../support/ip.ts';
import { at } from '../../support/legs.ts';
import { route, routing } from '../../support/routes.ts';
import { transports } from '../../support/transports.ts';
import { udpPeer } from '../../support/udp.ts';
import { scriptedServer } from '../../support/upstreams.ts';

interface Asked {
  readonly changes?: WayChange[];
  /** What is said of relays at another address than the proxy's. */
  readonly mayPointTo?: boolean;
}

/** Along a line of srelay.conf; closed at the end of the test. */
async function open(
  t: ExecutionContext,
  transport: Transport,
  line: string,
  { changes = [], mayPointTo = true }: Asked = {},
): Promise<UdpWay> {
  const resolver = createResolver({ kind: 'servers', servers: [at(9)] });
  t.teardown(() => resolver.close());
  const plan: UdpWayPlan = {
    route: route(line),
    client: ip('127.0.0.1'),
    departureBy: () => ({ source: [] }),
    timeoutMs: 5000,
    onWay: () => undefined,
    openSocket: (_family, { source: [from = ip('0.0.0.0')] }, onDatagram) =>
      transport.openUdp({ ip: from, port: 0 }, onDatagram, 'outside'),
    mayPointTo: () => mayPointTo,
    onAnswer: () => undefined,
    onWrong: () => undefined,
  };
  const deadline = new Deadline(5000, 'CONNECT_TIMEOUT');
  t.teardown(() => deadline.clear());
  const way = await openUdpWay({ transport, resolver }, routing([line], changes), plan, deadline);
  t.teardown(() => way.close());
  return way;
}

async function failureOf(work: Promise<unknown>): Promise<{ code: string; why: string }> {
  const fault = await faultOf(work);
  return { code: fault.code, why: causeOf(fault) };
}

/** The reply to a request, with `ATYP ADDR` in hex. */
const told = (address: string, port: number): string =>
  `050000${address}${port.toString(16).padStart(4, '0')}`;

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('a proxy that tells zeros means its own address'), async (t) => {
    const relay = await udpPeer(t);
    for (const zeros of ['0100000000', `04${'00'.repeat(16)}`]) {
      const proxy = await scriptedServer(t, [3, '0500', 10, told(zeros, relay.local.port)]);
      const way = await open(t, transport, `* any 127.0.0.1 ${proxy.port}/5`);
      t.is(way.send(encodeDatagramHeader(at(53)), Buffer.from('here')), undefined);
      const [arrived] = await relay.take(1);
      t.true(arrived!.bytes.equals(datagram('here', at(53))));
    }
  });

  test(
    title('one behind it that tells zeros is known by its name, where that is all that there is'),
    async (t) => {
      const relay = await udpPeer(t);
      const grants = [3, '0500', 10, told('017f000001', relay.local.port)];
      const beyond = [3, '0500', 15, told('017f000001', 9), 3, '0500', 10, told('0100000000', 5000)];
      const proxy = await scriptedServer(t, grants, beyond);
      const way = await open(t, transport, `* any two.test 1080/5 127.0.0.1 ${proxy.port}/5`);
      way.send(encodeDatagramHeader(at(53)), Buffer.from('there'));
      const [arrived] = await relay.take(1);
      const inner = datagram('there', at(53));
      t.true(arrived!.bytes.equals(datagram(inner, { name: 'two.test', port: 5000 })));
      t.is(proxy.taken[1]?.slice(6, 36), '050100030874776f2e746573740438');
    },
  );

  for (const [what, address, port, asked, why] of [
    ['a name', '0308726c792e74657374', 5000, {}, /takes them at rly.test, which is no address/],
    ['port 0', '017f000001', 0, {}, /takes them at port 0/],
    [
      'an address that it may not tell',
      '010a000001',
      53,
      { mayPointTo: false },
      /10.0.0.1:53, which is more private/,
    ],
  ] as const) {
    test(
      title(`a proxy that tells ${what} takes no datagrams, which says nothing against it otherwise`),
      async (t) => {
        const changes: WayChange[] = [];
        const proxy = await scriptedServer(t, [3, '0500', 10, told(address, port), 1]);
        const line = `* any 127.0.0.1 ${proxy.port}/5`;
        const fault = await failureOf(open(t, transport, line, { changes, ...asked }));
        t.is(fault.code, 'PROXY_WITHOUT_UDP');
        t.regex(fault.why, why);
        // Its connection is closed.
        await proxy.played(1);
        t.deepEqual(changes, []);
      },
    );
  }

  test(title('that a proxy has ended its part is told, whenever somebody listens'), async (t) => {
    const relay = await udpPeer(t);
    const proxy = await scriptedServer(t, [3, '0500', 10, told('017f000001', relay.local.port), 'fin']);
    const way = await open(t, transport, `* any 127.0.0.1 ${proxy.port}/5`);
    await new Promise<void>((resolve) => way.whenLost(resolve));
    t.pass();
  });
}
