// Datagrams for names that are being looked up: a name is asked for once, and what comes for it meanwhile waits.
import type { Ip } from '../base/ip.ts';
import type { NameLookup } from '../net/resolve.ts';
import type { Courses, NameDestination } from './courses.ts';
import { DatagramQueue, type RoomShare } from './datagramqueue.ts';
import type { DropReason } from './drops.ts';
import { chooseAddress } from './nameanswer.ts';

/** Whom it asks about names and addresses. */
export interface NameSettings {
  readonly lookup: (destination: NameDestination) => NameLookup;
  readonly hostAddresses: () => ReadonlySet<Ip>;
  readonly courses: Pick<Courses, 'ofAddress'>;
}

/** A name with the header by which the client calls it. */
export interface CalledName {
  readonly destination: NameDestination;
  readonly key: string;
}

/** What became of a name: the address of it to which its datagrams may go, or why there is none. */
interface NameOutcome {
  readonly found: (called: CalledName, ip: Ip, payloads: readonly Uint8Array[]) => void;
  readonly dropped: (reason: DropReason, datagrams: number) => void;
}

export class NameWaits {
  readonly #settings: NameSettings;
  readonly #outcome: NameOutcome;
  /** By the header that has the name. */
  readonly #waiting: DatagramQueue<string>;
  readonly #asked = new Set<string>();

  constructor(settings: NameSettings, share: RoomShare, outcome: NameOutcome) {
    this.#settings = settings;
    this.#outcome = outcome;
    this.#waiting = new DatagramQueue(share, () => outcome.dropped('busy', 1));
  }

  /** Keeps `payload` until `destination`, whose header is `key`, is known; else says why it is dropped. */
  add(destination: NameDestination, key: string, payload: Uint8Array): DropReason | undefined {
    if (!this.#waiting.push(key, payload)) return 'busy';
    if (!this.#asked.has(key)) void this.#ask({ destination, key });
    return undefined;
  }

  /** Nothing waits any more. */
  close(): void {
    this.#waiting.take(() => true);
  }

  async #ask(called: CalledName): Promise<void> {
    const { destination, key } = called;
    this.#asked.add(key);
    const { lookup, hostAddresses, courses } = this.#settings;
    const chosen = await chooseAddress(lookup(destination), hostAddresses(), (ip) => {
      const course = courses.ofAddress(destination, ip);
      return course.kind === 'nowhere' ? course.reason : undefined;
    });
    this.#asked.delete(key);
    const payloads = this.#waiting.take((each) => each === key).map(({ payload }) => payload);
    if (typeof chosen !== 'string') this.#outcome.dropped(chosen.refused, payloads.length);
    else this.#outcome.found(called, chosen, payloads);
  }
}
