// The workers together with what they are told: facts of each other, listeners, and the files that they serve with.
import type { KeptAccounts } from '../../auth/files/shadowfile.ts';
import type { Addon } from '../../net/native/addon.ts';
import type { AccountBook } from '../../observe/figures/accounting.ts';
import type { Log } from '../../observe/log.ts';
import { Asking } from './asking.ts';
import { Crew } from './crew.ts';
import type { Hand } from './hand.ts';
import type { HeldListeners } from './heldlisteners.ts';
import { Hub, type Known } from './hub.ts';
import type { KeptPrograms } from '../workers/keptprograms.ts';
import type { KeptTickets } from '../workers/kepttickets.ts';
import type { WorkerMessage } from '../workers/workermessage.ts';
import { passPlaces, type Read } from './present.ts';

/** How this program was called, for the workers. */
export interface Call {
  readonly argv: readonly string[];
  readonly folder: string;
  readonly kept: KeptAccounts;
  readonly workers: number;
}

export interface StaffParts {
  readonly call: Call;
  readonly log: Log;
  readonly warn: (sentence: string) => void;
  readonly addon: Addon;
  readonly listeners: HeldListeners;
  readonly known: Known;
  readonly read: Read;
  /** Takes records for accounts; undefined: there are none. */
  readonly book: Pick<AccountBook, 'add'> | undefined;
  /** Programs that are asked about logins; undefined: workers have their own. */
  readonly programs: KeptPrograms | undefined;
  /** Tickets of Kerberos; undefined: nobody takes them. */
  readonly tickets: KeptTickets | undefined;
  /** A worker has ended. */
  readonly onLost: (hand: Hand) => void;
}

export class Staff {
  readonly crew: Crew;
  readonly asking: Asking;
  readonly #parts: StaffParts;
  readonly #hub: Hub;
  #read: Read;

  constructor(parts: StaffParts) {
    const { call, log, warn, known } = parts;
    this.#parts = parts;
    this.#read = parts.read;
    this.crew = new Crew({
      workers: call.workers,
      log,
      warn,
      greet: (hand, greeting) => {
        const { argv, folder } = call;
        const places = passPlaces(parts, hand, parts.listeners.places);
        hand.greet({ ...greeting, argv, folder, ...this.#read, places });
      },
      onReady: (hand) => this.#welcome(hand),
      onLost: (hand) => {
        this.asking.lose(hand);
        this.#hub.lose(hand);
        parts.programs?.lose(hand);
        parts.onLost(hand);
      },
      onMessage: (hand, message) => this.#take(hand, message),
    });
    this.asking = new Asking(this.crew);
    this.#hub = new Hub(known, Date.now, () => this.crew.hands);
  }

  /** These files, and older ones as they were where the account cannot read them any more. */
  readonly over = (read: Read): Read => ({
    ...read,
    contents: new Map([...this.#read.contents, ...read.contents]),
  });

  /** Workers that are started from now on serve with these files. */
  readonly adopt = (read: Read): void => {
    this.#read = read;
  };

  /** Tells the workers of listeners that have come or gone. */
  spread(): void {
    const { listeners } = this.#parts;
    const { added, removed } = listeners.takeChanges();
    if (added.length + removed.length === 0) return;
    for (const hand of this.crew.hands) {
      passPlaces(this.#parts, hand, added);
      hand.tell({ kind: 'listen', added, removed });
    }
  }

  /** What has to be looked after each second. */
  look(): void {
    this.spread();
    this.#hub.catchUp();
  }

  #welcome(hand: Hand): void {
    this.#hub.inform(hand);
    hand.tell({ kind: 'open' });
    this.#parts.log.write('info', 'worker-started', { worker: hand.slot, pid: hand.pid });
  }

  #take(hand: Hand, message: WorkerMessage): void {
    if (message.kind === 'facts') this.#hub.hear(hand, message.facts);
    else if (message.kind === 'behind') this.#hub.inform(hand);
    else if (message.kind === 'child') this.#parts.programs?.obey(hand, message);
    else if (message.kind === 'ticket') void this.#parts.tickets?.ask(hand, message);
    else if (message.kind === 'records') for (const line of message.lines) this.#parts.book?.add(line);
    else if ('number' in message) this.asking.take(hand, message);
  }
}
