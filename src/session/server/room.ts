// Decides whether there is room for one more client, and which one makes it: when all together are too many, the oldest newcomer
// of the network with most. So a flood of endless handshakes keeps no client out; it only drives out itself.
import { Fault } from '../../base/fault.ts';
import type { Endpoint, Ip } from '../../base/ip.ts';
import { clientKeyOf } from '../../policy/clientkey.ts';
import type { Party } from '../../policy/facts/fact.ts';
import type { Entry } from '../../policy/limits/entry.ts';
import type { Ledger } from '../../policy/limits/ledger.ts';
import type { LimitTable } from '../../policy/limits/limits.ts';
import type { Usage } from '../../policy/limits/quota.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import type { Session, Snapshot } from '../session.ts';
import type { Antechamber } from '../gate/antechamber.ts';
import type { Registry } from './registry.ts';
import type { TurnedAway } from './turnedaway.ts';

const EVERYBODY: Party = { scope: 'total', name: '' };

/** Sessions for which the process has room, and what would end first if it took more. */
export interface Capacity {
  readonly sessions: number;
  readonly endsFirst: 'descriptors' | 'heap';
}

export const UNBOUNDED: Capacity = { sessions: Infinity, endsFirst: 'descriptors' };

interface RoomParts {
  readonly registry: Registry;
  readonly usage: Usage;
  readonly ledger: Ledger;
  readonly turnedAway: TurnedAway;
  /** At the start. */
  readonly capacity: Capacity;
  /** Guests of the first are the first to go. */
  readonly antechambers: readonly Antechamber[];
}

export class Room {
  readonly #parts: RoomParts;
  readonly #ledger: Ledger;
  #capacity: Capacity;

  constructor(parts: RoomParts) {
    this.#parts = parts;
    this.#ledger = parts.ledger;
    this.#capacity = parts.capacity;
  }

  /** Sessions beyond the new capacity stay. */
  follow(capacity: Capacity): void {
    this.#capacity = capacity;
  }

  /** Whether a client may wait in the antechamber, which takes a descriptor; else that is noted. */
  hasPlaceForGuest(client: Endpoint): boolean {
    const { turnedAway } = this.#parts;
    const fault = this.#exhaustion();
    if (fault === undefined) return true;
    if (this.#pressOut(client.ip, String(fault.cause))) return true;
    turnedAway.note(client, fault);
    return false;
  }

  /** Counts a new client; undefined: it is turned away, which is noted. */
  enter(client: Endpoint, snapshot: Snapshot): Entry | undefined {
    const { limits } = snapshot;
    const key = clientKeyOf(client.ip);
    // First the objections to this client alone: no session makes room for one that may not come in.
    const fault =
      this.#objectionTo(limits, { scope: 'client', name: key }) ?? this.#crowding(client.ip, snapshot);
    if (fault === undefined) return this.#ledger.enter(limits, key);
    this.#parts.turnedAway.note(client, fault);
    return undefined;
  }

  /** Counts who it is, now that its request is whole. Throws LIMIT_REACHED, with the limit and where it stands. */
  settle({ entry, identity }: Session, limits: LimitTable): void {
    const { usage } = this.#parts;
    const limit =
      this.#ledger.settle(limits, entry, identity) ??
      (entry.user && usage.exhausted(limits, entry.user)) ??
      (entry.group && usage.exhausted(limits, entry.group));
    if (limit !== undefined) throw new Fault('LIMIT_REACHED', limit.text);
  }

  /** Throws LIMIT_REACHED where other members have let in too many at the same time. */
  lookAgain({ entry }: Session, limits: LimitTable): void {
    const limit = this.#ledger.secondLook(limits, entry);
    if (limit !== undefined) throw new Fault('LIMIT_REACHED', limit.text);
  }

  /** A session is over. A second call does nothing. */
  leave({ entry }: Session): void {
    this.#ledger.leave(entry);
  }

  /** A client could not be accepted for want of descriptors or memory. */
  relieve(fault: Fault): void {
    this.#parts.turnedAway.note(undefined, fault);
    this.#pressOut(undefined, 'no descriptor or memory for a new client');
  }

  #objectionTo(limits: LimitTable, client: Party): Fault | undefined {
    const { usage } = this.#parts;
    const limit =
      this.#ledger.objectionTo(limits, client.name) ??
      usage.exhausted(limits, EVERYBODY) ??
      usage.exhausted(limits, client);
    return limit && new Fault('LIMIT_REACHED', limit.text);
  }

  /** Why no client can come in; undefined when one more can, possibly in place of a newcomer. */
  #crowding(arriving: Ip, snapshot: Snapshot): Fault | undefined {
    const fault = this.#fullness(snapshot);
    return fault === undefined || this.#pressOut(arriving, String(fault.cause)) ? undefined : fault;
  }

  #fullness({ maxSessions, limits }: Snapshot): Fault | undefined {
    if (maxSessions !== 0 && this.#parts.registry.size + this.#ledger.elsewhere >= maxSessions)
      return new Fault('SESSIONS_FULL', `maxconn ${maxSessions}`);
    const exhaustion = this.#exhaustion();
    if (exhaustion !== undefined) return exhaustion;
    const limit = this.#ledger.crowding(limits);
    return limit && new Fault('LIMIT_REACHED', limit.text);
  }

  /** Why the process itself holds no more clients, guests among them; undefined when it does. */
  #exhaustion(): Fault | undefined {
    const { registry, antechambers } = this.#parts;
    const { sessions, endsFirst } = this.#capacity;
    const guests = antechambers.reduce((sum, { size }) => sum + size, 0);
    if (registry.size + guests < sessions) return undefined;
    return new Fault('RESOURCES_EXHAUSTED', `${endsFirst} for ${sessions} sessions`);
  }

  /** Closes a newcomer by RST; false when there is none. */
  #pressOut(arriving: Ip | undefined, cause: string): boolean {
    const { registry, turnedAway } = this.#parts;
    const newcomer = registry.newcomerInTheWayOf(arriving);
    if (this.#pressOutGuest(arriving, newcomer, cause)) return true;
    if (newcomer === undefined) return false;
    // Its handshake hears it, and ends, once this batch of clients has been accepted; its place is free now.
    registry.remove(newcomer);
    this.leave(newcomer);
    newcomer.handshake?.deadline.end(new Fault('PRESSED_OUT'));
    turnedAway.note(newcomer.client, new Fault('PRESSED_OUT', cause));
    return true;
  }

  /** Guests go first, unless the newcomer that would go is of a network that holds more: its flood shall not drive out guests. */
  #pressOutGuest(arriving: Ip | undefined, newcomer: Session | undefined, cause: string): boolean {
    const { registry, antechambers } = this.#parts;
    const [network] = newcomer === undefined ? [] : ownerOf(newcomer.client.ip);
    for (const antechamber of antechambers) {
      const guest = antechamber.first(arriving);
      if (guest === undefined) continue;
      if (network !== undefined && registry.newcomersOf(network) > guest.held) continue;
      antechamber.pressOut(guest.place, cause);
      return true;
    }
    return false;
  }
}
