// Datagrams for names that are being looked up: a name is looked up once, and its datagrams wait meanwhile.
import { Fault } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { NameLookup } from '../../net/names/resolve.ts';
import type { NameDestination } from '../completion.ts';
import { DatagramQueue, type RoomShare } from '../datagrams/datagramqueue.ts';
import type { DropReason } from '../datagrams/drops.ts';
import type { Courses } from './courses.ts';
import { chooseAddress } from './nameanswer.ts';

/** The resolver and rules for names and addresses. */
export interface NameSettings {
  readonly lookup: (destination: NameDestination) => NameLookup;
  readonly hostAddresses: () => ReadonlySet<Ip>;
  readonly courses: Pick<Courses, 'ofAddress' | 'meantBy'>;
}

/** A name with the header by which the client calls it. */
export interface CalledName {
  readonly destination: NameDestination;
  readonly key: string;
}

/** The outcome of a name: the address for its datagrams, or the reason why there is none. */
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

  /** Drops all waiting datagrams. */
  close(): void {
    this.#waiting.take(() => true);
  }

  async #ask(called: CalledName): Promise<void> {
    const { destination, key } = called;
    this.#asked.add(key);
    const { chosen, meant } = await this.#chooseAmong(this.#settings.courses.meantBy(destination));
    this.#asked.delete(key);
    const payloads = this.#waiting.take((each) => each === key).map(({ payload }) => payload);
    if (typeof chosen !== 'string') this.#outcome.dropped(chosen.refused, payloads.length);
    else this.#outcome.found({ destination: meant, key }, chosen, payloads);
  }

  /** The answer for the first name that exists, or for the last one. */
  async #chooseAmong([meant, ...further]: readonly NameDestination[]): Promise<AddressChoice> {
    if (meant === undefined) throw new TypeError('no name is meant');
    const { lookup, hostAddresses, courses } = this.#settings;
    const answers = lookup(meant);
    const chosen = await chooseAddress(answers, hostAddresses(), (ip) => {
      const course = courses.ofAddress(meant, ip);
      return course.kind === 'nowhere' ? course.reason : undefined;
    });
    const isLast = further.length === 0 || typeof chosen === 'string' || chosen.refused !== 'unresolved';
    return isLast || !(await isMissing(answers)) ? { chosen, meant } : this.#chooseAmong(further);
  }
}

/** The address that was chosen for a name, and the one of the names that may be meant which has it. */
interface AddressChoice {
  readonly chosen: Awaited<ReturnType<typeof chooseAddress>>;
  readonly meant: NameDestination;
}

/** Whether the name is known not to exist. */
async function isMissing({ ipv4, ipv6 }: NameLookup): Promise<boolean> {
  const answers = [await ipv4, await ipv6];
  return answers.every((answer) => !(answer instanceof Fault) && answer.length === 0);
}
