// A port that accepts one peer. Every other one is closed by RST and keeps no descriptor.
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Leg } from '../../net/transport.ts';

/** The verdict on a peer; a fault closes it and ends the waiting. */
export type Reception = 'enter' | 'leave' | Fault;

export interface Door {
  /** Called for each leg that comes to the port. */
  readonly knock: (leg: Leg) => void;
  /** Rejects with the fault of a reception. */
  readonly peer: Promise<Leg>;
}

/** `receive` is asked about each endpoint, and where it came to, until one has entered. */
export function createDoor(receive: (peer: Endpoint, local: Endpoint) => Reception): Door {
  let isOpen = true;
  let knock: Door['knock'] = () => undefined;
  const peer = new Promise<Leg>((resolve, reject) => {
    knock = (leg) => {
      // Peers in the same batch as the one that entered are closed.
      const reception = isOpen ? receive(leg.remote, leg.local) : 'leave';
      if (reception !== 'leave') isOpen = false;
      if (reception === 'enter') {
        resolve(leg);
        return;
      }
      leg.close('reset');
      if (reception !== 'leave') reject(reception);
    };
  });
  return { knock, peer };
}
