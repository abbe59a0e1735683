// Limits, sources and ends of associations that tests of UDP ASSOCIATE look at.
import type { Endpoint } from '../../../src/base/ip.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import type { Associated } from '../associations.ts';
import { SNAPSHOT, type TestServer } from '../server.ts';
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
