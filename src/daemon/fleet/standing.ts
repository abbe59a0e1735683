// How this member stands with its fleet: what the log and `pis5ctl status` are told, each change once.
import type { Log } from '../../observe/log.ts';
import type { StoreFailure, StoreTrouble } from './storelink.ts';

/** `joined`, or why this member serves alone. */
export type FleetState = 'joined' | 'joining' | 'name-taken' | StoreTrouble;

/** In all records. */
export interface FleetPlace {
  readonly fleet: string;
  readonly member: string;
  readonly store: string;
}

export class FleetStanding {
  readonly #log: Pick<Log, 'write'>;
  readonly #place: FleetPlace;
  readonly #now: () => number;
  #state: FleetState = 'joining';
  #why: string | undefined;
  #sinceMs: number;

  /** `now`: a monotonic clock in milliseconds. */
  constructor(log: Pick<Log, 'write'>, place: FleetPlace, now: () => number) {
    this.#log = log;
    this.#place = place;
    this.#now = now;
    this.#sinceMs = now();
  }

  get state(): FleetState {
    return this.#state;
  }

  get why(): string | undefined {
    return this.#why;
  }

  get seconds(): number {
    return (this.#now() - this.#sinceMs) / 1000;
  }

  joined(members: number): void {
    if (!this.#change('joined', undefined)) return;
    this.#log.write('notice', 'fleet-joined', { ...this.#place, members });
  }

  failed({ trouble, message }: StoreFailure): void {
    if (!this.#change(trouble, message)) return;
    const event = trouble === 'away' ? 'fleet-lost' : 'fleet-refused';
    this.#log.write('warn', event, { ...this.#place, why: message }, WITHOUT[trouble]);
  }

  nameTaken(): void {
    if (!this.#change('name-taken', 'another process has joined under this name')) return;
    const text =
      'another process has joined under this name: this one serves alone until that one has gone, or this one has another fleet-name';
    this.#log.write('err', 'fleet-name-taken', { ...this.#place }, text);
  }

  member(name: string, state: 'came' | 'went' | 'missing'): void {
    const level = state === 'missing' ? 'warn' : 'notice';
    this.#log.write(level, 'fleet-member', { fleet: this.#place.fleet, name, state });
  }

  garbled(): void {
    const text =
      'an entry of the log in the store is no message of a member, and is passed over; further ones are not told';
    this.#log.write('warn', 'fleet-garbled', { ...this.#place }, text);
  }

  clockDiffers(seconds: number): void {
    const text =
      'the clock of this host and that of the store differ; bans and quotas go by that of the store';
    this.#log.write('warn', 'fleet-clock', { ...this.#place, ahead: seconds }, text);
  }

  /** Whether that is another state than before. */
  #change(state: FleetState, why: string | undefined): boolean {
    this.#why = why;
    if (this.#state === state) return false;
    this.#state = state;
    this.#sinceMs = this.#now();
    return true;
  }
}

const WITHOUT: Readonly<Record<StoreTrouble, string>> = {
  away: 'the store does not answer: this member goes on alone with what it knows, and tries again each second',
  full: 'the store has no room left: this member hears the others, and they do not hear this one; it tries again each second',
  refused:
    'the store refuses what a member has to do: look at its ACL and at fleet-auth; this member goes on, and tries again',
};
