// Clients of balancers wait here until the header of the PROXY protocol has come; balancers send it at once. The client is not
// known before, so this is a room of its own, in which a balancer may hold every place.
import { Fault } from '../../base/fault.ts';
import type { Leg } from '../../net/transport.ts';
import type { Here } from '../../policy/rules/here.ts';
import type { Introduction } from '../introduction.ts';
import { Antechamber, type AntechamberPlan } from './antechamber.ts';
import { headerLayer } from './header.ts';

const HEADER_MS = 5000;
const MAX_HEADERS = 4096;

export class Headers {
  readonly antechamber: Antechamber;

  constructor(turnedAway: AntechamberPlan['turnedAway']) {
    this.antechamber = new Antechamber({
      timeoutMs: HEADER_MS,
      maxGuests: MAX_HEADERS,
      maxGuestsPerClient: MAX_HEADERS,
      turnedAway: (balancer, fault) => {
        if (!isHealthCheck(fault)) turnedAway(balancer, atHeader(fault));
      },
    });
  }

  /** `enter` hears what the header says; the client is the remote end of `leg` then. When no good header comes, it is not called. */
  read(leg: Leg, here: Here, enter: (introduction: Introduction) => void): void {
    let heard: Introduction | undefined;
    const layer = headerLayer(here, (introduction) => (heard = introduction));
    this.antechamber.prepare(leg, [layer], () => {
      if (heard !== undefined) enter(heard);
    });
  }
}

/** A health check that only connects and sends no header. */
function isHealthCheck({ code }: Fault): boolean {
  return code === 'CLIENT_CLOSED' || code === 'PEER_RESET';
}

function atHeader(fault: Fault): Fault {
  return fault.code === 'HANDSHAKE_TIMEOUT'
    ? new Fault(fault.code, 'waiting for the header of its balancer')
    : fault;
}
