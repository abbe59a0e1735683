// The port of BIND (RFC 1928 section 4), which accepts one peer. Every other one is closed by RST and keeps no descriptor.
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Leg } from '../../net/transport.ts';

/** Whether a peer is accepted; a fault closes it and ends the wait. */
export type PeerVerdict = 'accept' | 'refuse' | Fault;

export interface PeerPort {
  /** Called for each leg that connects to the port. */
  readonly onLeg: (leg: Leg) => void;
  /** The accepted peer; rejects with the fault of a verdict. */
  readonly peer: Promise<Leg>;
}

/** Asks `judge` about each peer, by both ends of its connection, until one is accepted. */
export function createPeerPort(judge: (peer: Endpoint, local: Endpoint) => PeerVerdict): PeerPort {
  let isWaiting = true;
  let onLeg: PeerPort['onLeg'] = () => undefined;
  const peer = new Promise<Leg>((resolve, reject) => {
    onLeg = (leg) => {
      // Peers in the same batch as the accepted one are closed.
      const verdict = isWaiting ? judge(leg.remote, leg.local) : 'refuse';
      if (verdict !== 'refuse') isWaiting = false;
      if (verdict === 'accept') {
        resolve(leg);
        return;
      }
      leg.close('reset');
      if (verdict !== 'refuse') reject(verdict);
    };
  });
  return { onLeg, peer };
}
