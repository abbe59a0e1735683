// Pending outgoing connections of the engine.
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { familyOf, type Endpoint } from '../../base/ip.ts';
import { dialFault } from '../errors.ts';
import { NATIVE_CLOSE } from '../native/enginelayout.ts';
import { errnoName } from '../native/errno.ts';
import type { OwnEnd } from '../ownends.ts';
import type { Leg, LocalBinding } from '../transport.ts';
import { EngineLeg, type LegHome } from './engineleg.ts';
import { optionFault } from './engineoptions.ts';
import { HandleTable } from './handletable.ts';

interface DialWait {
  readonly handle: number;
  readonly destination: Endpoint;
  readonly local: Endpoint;
  /** The same with its destination. */
  readonly end: OwnEnd;
  readonly resolve: (leg: Leg) => void;
  readonly reject: (fault: Fault) => void;
  readonly deadline: Deadline;
  /** Listens to it. */
  readonly giveUp: (fault: Fault) => void;
}

export class DialWaits {
  readonly #home: LegHome;
  readonly #waits = new HandleTable<DialWait>();

  constructor(home: LegHome) {
    this.#home = home;
  }

  dial(destination: Endpoint, from: LocalBinding, deadline: Deadline): Promise<Leg> {
    return new Promise((resolve, reject) => {
      if (deadline.ended !== undefined) {
        reject(deadline.ended);
        return;
      }
      const { engine, batch } = this.#home;
      const { ip, port } = destination;
      const sourceFamily = batch.putAddresses(ip, from.source);
      const handle = engine.dial(familyOf(ip), port, sourceFamily, from.device, from.mark ?? 0);
      if (handle < 0) {
        reject(optionFault(handle) ?? dialFault(errnoName(-handle), ip));
        return;
      }
      const local = batch.dialledFrom();
      const end = { ip: local.ip, port: local.port, to: destination };
      this.#home.own.tcp.add(end);
      const giveUp = (fault: Fault): void => {
        this.#waits.remove(handle);
        this.#home.own.tcp.remove(end);
        engine.close(handle, NATIVE_CLOSE.reset);
        reject(fault);
      };
      deadline.tell(giveUp);
      this.#waits.add({ handle, destination, local, end, resolve, reject, deadline, giveUp });
    });
  }

  /** Handles a CONNECTED record. */
  settle(at: number, handle: number): void {
    const wait = this.#waits.get(handle);
    if (wait === undefined) return;
    this.#waits.remove(handle);
    wait.deadline.forget(wait.giveUp);
    const { batch } = this.#home;
    const error = batch.error(at);
    const { destination, local, end } = wait;
    if (error === 0) {
      const leg = new EngineLeg(this.#home, handle, destination, local);
      leg.ownEnd = end;
      wait.resolve(leg);
      return;
    }
    this.#home.own.tcp.remove(end);
    wait.reject(dialFault(errnoName(error), destination.ip));
  }

  rejectAll(fault: Fault): void {
    for (const wait of this.#waits.list()) {
      this.#waits.remove(wait.handle);
      this.#home.own.tcp.remove(wait.end);
      wait.deadline.forget(wait.giveUp);
      wait.reject(fault);
    }
  }
}
