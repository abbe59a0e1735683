// Clients of listeners with layers wait here until they are known. Bans, limits and the log come afterwards, so the antechamber
// has its own time and room, and its guests are the first to make room. Clients of plain listeners never come here.
import { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import type { Endpoint, Ip } from '../../base/ip.ts';
import type { Layer } from '../../net/layer.ts';
import type { Leg } from '../../net/transport.ts';
import { FairRoom } from '../../policy/room/fairroom.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import type { PlaceNumber } from '../../policy/room/placelists.ts';

export interface AntechamberPlan {
  /** For all layers of one client together. */
  readonly timeoutMs: number;
  readonly maxGuests: number;
  readonly maxGuestsPerClient: number;
  /** Hears of each client that is turned away. */
  readonly turnedAway: (client: Endpoint, fault: Fault) => void;
}

const GUESTS_MS = 10_000;
const MAX_GUESTS = 1024;
const MAX_GUESTS_PER_CLIENT = 256;

export const ANTECHAMBER = {
  timeoutMs: GUESTS_MS,
  maxGuests: MAX_GUESTS,
  maxGuestsPerClient: MAX_GUESTS_PER_CLIENT,
} as const;

interface Guest {
  /** The peer of the connection, from the kernel. */
  readonly from: Endpoint;
  readonly deadline: Deadline;
  /** The leg as far as it is covered. */
  leg: Leg;
  /** undefined after it has given way. */
  place: PlaceNumber | undefined;
}

export class Antechamber {
  readonly #plan: AntechamberPlan;
  readonly #room: FairRoom;
  readonly #guests: (Guest | undefined)[] = [];

  constructor(plan: AntechamberPlan) {
    this.#plan = plan;
    this.#room = new FairRoom({
      max: plan.maxGuests,
      maxPerClient: plan.maxGuestsPerClient,
      gives: 'oldest',
      gaveWay: (place) => this.#end(place, new Fault('PRESSED_OUT', 'the antechamber is full')),
    });
  }

  get size(): number {
    return this.#room.held;
  }

  /** Takes `leg` through `layers`; `enter` gets the covered leg; when a layer fails or takes too long, it is not called. */
  prepare(leg: Leg, layers: readonly Layer[], enter: (leg: Leg) => void): void {
    const place = this.#room.take(ownerOf(leg.remote.ip));
    const deadline = new Deadline(this.#plan.timeoutMs, 'HANDSHAKE_TIMEOUT');
    const guest: Guest = { from: leg.remote, deadline, leg, place };
    deadline.whenEnded((fault) => guest.leg.abort(fault));
    if (place === undefined) {
      this.#turnAway(guest, new Fault('PRESSED_OUT', 'the antechamber is full'));
      return;
    }
    this.#guests[place] = guest;
    void this.#pass(guest, layers, enter);
  }

  /** The network whose guest would be the first to make room for `arriving`; undefined: there is none that would. */
  first(
    arriving: Ip | undefined,
  ): { readonly place: PlaceNumber; readonly network: string; readonly held: number } | undefined {
    const place = this.#room.held === 0 ? undefined : this.#room.first(arriving && ownerOf(arriving));
    const guest = place === undefined ? undefined : this.#guests[place];
    if (place === undefined || guest === undefined) return undefined;
    const [network = ''] = ownerOf(guest.from.ip);
    return { place, network, held: this.#room.heldBy([network]) };
  }

  /** Ends a guest of first(). */
  pressOut(place: PlaceNumber, cause: string): void {
    this.#room.release(place);
    this.#end(place, new Fault('PRESSED_OUT', cause));
  }

  /** Ends all, for the end of the server. */
  stop(): void {
    for (const guest of this.#guests) guest?.deadline.end(new Fault('SHUTTING_DOWN'));
  }

  async #pass(guest: Guest, layers: readonly Layer[], enter: (leg: Leg) => void): Promise<void> {
    try {
      for (const layer of layers) guest.leg = await coverInTime(guest, layer);
      // It may have given way in the same turn in which its last layer was done.
      if (guest.deadline.ended !== undefined) throw guest.deadline.ended;
    } catch (failure) {
      this.#leave(guest);
      if (!(failure instanceof Fault)) throw failure;
      this.#turnAway(guest, failure);
      return;
    }
    this.#leave(guest);
    enter(guest.leg);
  }

  #leave(guest: Guest): void {
    guest.deadline.clear();
    if (guest.place === undefined) return;
    this.#guests[guest.place] = undefined;
    this.#room.release(guest.place);
    guest.place = undefined;
  }

  /** Its place is free already. */
  #end(place: PlaceNumber, fault: Fault): void {
    const guest = this.#guests[place];
    if (guest === undefined) return;
    this.#guests[place] = undefined;
    guest.place = undefined;
    guest.deadline.end(fault);
  }

  /** Without a word, like every client that is not admitted. */
  #turnAway({ leg, from }: Guest, fault: Fault): void {
    leg.close('reset');
    this.#plan.turnedAway(from, fault);
  }
}

/** A layer that is done after that is ignored, and its leg closed. */
export async function coverInTime(
  { leg, deadline }: Pick<Guest, 'leg' | 'deadline'>,
  { cover }: Layer,
): Promise<Leg> {
  if (deadline.ended !== undefined) throw deadline.ended;
  const work = cover(leg, deadline);
  try {
    return await deadline.within(work);
  } catch (failure) {
    work.then(
      (late) => late.close('reset'),
      () => undefined,
    );
    throw failure;
  }
}
