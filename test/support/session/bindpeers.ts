// Servers with BIND, and the peers that come to its ports.
import { connect } from 'node:net';
import type { Outside } from '../../../src/session/session.ts';
import { SNAPSHOT } from '../server.ts';
import { dialWire, Wire } from '../sockets.ts';

export const outside = (changes: Partial<Outside>) => ({ outside: { ...SNAPSHOT.outside, ...changes } });

/** Connects from a certain address of this host; whoever is not welcome may be reset before connect(2) returns. */
export function comeFrom(address: string, port: number): Wire {
  return new Wire(connect({ host: '127.0.0.1', port, localAddress: address, allowHalfOpen: true }));
}

/** Whether nobody listens at the port any more. */
export async function isGone(port: number): Promise<boolean> {
  const wire = await dialWire(port).catch(() => undefined);
  wire?.socket.destroy();
  return wire === undefined;
}
