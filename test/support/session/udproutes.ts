// A server whose associations lead through proxies, and checks of what comes back.
import type { ExecutionContext } from 'ava';
import type { Transport } from '../../../src/net/transport.ts';
import type { WayChange } from '../../../src/net/routes/ways.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import type { Associated } from '../associations.ts';
import type { DnsServer } from '../dns.ts';
import { policy, section } from '../policy.ts';
import { routing } from '../routes.ts';
import { startServer, type TestServer } from '../server.ts';
import { apart } from '../transports.ts';
import type { UdpPeer } from '../udp.ts';
import type { Step } from '../upstreams.ts';

/** `routes` are lines of srelay.conf; `changes` hears of its ways. */
export interface Started extends Partial<Snapshot> {
  readonly routes?: readonly string[];
  readonly changes?: WayChange[];
  readonly names?: DnsServer;
}

export const request = (rules: string) => ({ policy: policy({ rules: section('', { request: rules }) }) });

/** The bytes of a whole conversation that grants UDP at `relay`, in the clear. */
export const grants = (relay: UdpPeer): readonly Step[] => [
  3,
  '0500',
  10,
  `050000017f000001${relay.local.port.toString(16).padStart(4, '0')}`,
];

/** What `ended` says once the client has left. */
export async function endOf(server: TestServer, each: Associated) {
  each.wire.socket.end();
  return server.event('ended');
}

/** Starts a server over `transport` with routes of its own, which ends with the test. */
export function startRouted(
  transport: Transport,
): (t: ExecutionContext, started?: Started) => Promise<TestServer> {
  return async (t, { routes, changes, names, ...rest } = {}) => {
    const snapshot = { ...(routes && { routing: routing(routes, changes) }), ...rest };
    const server = await startServer(apart(transport), snapshot, undefined, names && [names.endpoint]);
    t.teardown(() => server.stop());
    return server;
  };
}
