// A port that lets one peer in. Who else knocks is sent away with RST and keeps no descriptor.
import type { Fault } from '../../base/fault.ts';
import type { Endpoint } from '../../base/ip.ts';
import type { Leg } from '../../net/transport.ts';

/** What becomes of somebody who knocks; a fault sends away and ends the waiting. */
export type Reception = 'enter' | 'leave' | Fault;

export interface Door {
  /** For each leg that comes to the port. */
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
      // Those who came in one batch with the one that entered.
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
