// Limits, sources and ends of associations that tests of UDP ASSOCIATE look at.
import type { ExecutionContext } from 'ava';
import type { Endpoint } from '../../../src/base/ip.ts';
import type { Transport } from '../../../src/net/transport.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import type { Associated } from '../associations.ts';
import type { DnsServer } from '../dns.ts';
import { SNAPSHOT, startServer, type TestServer } from '../server.ts';
import type { UdpPeer } from '../udp.ts';

export const udpLimits = (changes: Partial<Snapshot['udp']>): Partial<Snapshot> => ({
  udp: { ...SNAPSHOT.udp, ...changes },
});

/** Where the `count` datagrams that came came from. */
export async function sourceOf(target: UdpPeer, count = 1): Promise<Endpoint> {
  const arrived = await target.take(count);
  return arrived[0]!.from;
}

/** What `ended` says once the client has left. */
export async function endOf(server: TestServer, each: Associated) {
  each.wire.socket.end();
  return server.event('ended');
}

/** Starts a server over `transport`, which ends with the test; names are asked for at `dns`. */
export function startOver(
  transport: Transport,
): (t: ExecutionContext, changes?: Partial<Snapshot>, dns?: DnsServer) => Promise<TestServer> {
  return async (t, changes = {}, dns) => {
    const servers = dns === undefined ? undefined : [dns.endpoint];
    const server = await startServer(transport, changes, undefined, servers);
    t.teardown(() => server.stop());
    return server;
  };
}
