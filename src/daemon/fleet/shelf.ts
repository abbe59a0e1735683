// What a member reads and writes in the store, one command after the other. Every answer is looked at as data of a stranger.
import {
  decodeFleetMessage,
  encodeFleetMessage,
  shifted,
  type FleetMessage,
  type Said,
  type Sender,
} from './fleetmessage.ts';
import type { Untold } from './outbox.ts';
import { storeMsOf, type StoreClock } from './storeclock.ts';
import {
  bytesField,
  entryField,
  isKept,
  readBytes,
  readEntry,
  readMember,
  type Field,
  type KeptBytes,
  type KeptEntry,
  type MemberRecord,
  type StoreKeys,
} from './storekeys.ts';
import { StoreFailure, type StoreLink } from './storelink.ts';

/** Messages of the log, and about how many characters they have in all: the larger they are, the fewer stay. */
const MOST_MESSAGES = 4096;
const MOST_LOGGED = 33_554_432;
const LEAST_MESSAGES = 64;
/** The log goes when no member was there for so long; bytes of a month, two days after it. */
const LOG_KEPT_S = 3600;
const BYTES_KEPT_S = 2 * 86_400;
/** How long an entry is kept after it has ended (entries.ts). */
const ENTRY_KEPT_MS = 3_600_000;
/** Fields of one step through a hash, messages of one reading, and how long that waits for the first. */
const STEP = 500;
const READ_AT_ONCE = 64;
const READ_WAITS_MS = 500;

/** One entry of the log. */
export interface Logged {
  readonly id: string;
  /** undefined: it is no message of a member. */
  readonly message: FleetMessage | undefined;
}

export class Shelf {
  readonly #keys: StoreKeys;
  readonly #clock: StoreClock;
  readonly #monotonic: () => number;
  /** The longest message of late. */
  #longest = 0;
  /** Months whose end is set, in this connection. */
  readonly #ending = new Set<string>();

  constructor(keys: StoreKeys, clock: StoreClock, monotonic: () => number) {
    this.#keys = keys;
    this.#clock = clock;
    this.#monotonic = monotonic;
  }

  async readClock(link: StoreLink): Promise<void> {
    const askedAt = this.#monotonic();
    const storeMs = storeMsOf(await link.run('TIME'));
    if (!(storeMs > 0)) throw new StoreFailure('refused', 'the store does not tell the time (TIME)');
    this.#clock.read(storeMs, askedAt);
  }

  async member(link: StoreLink, name: string): Promise<MemberRecord | undefined> {
    return readMember(await link.run('HGET', this.#keys.members, name));
  }

  /** Whether the store did not know it before. */
  async putMember(link: StoreLink, name: string, record: MemberRecord): Promise<boolean> {
    return (await link.run('HSET', this.#keys.members, name, JSON.stringify(record))) === 1;
  }

  async removeMember(link: StoreLink, name: string): Promise<void> {
    await link.run('HDEL', this.#keys.members, name);
  }

  /** The id of the last message; those after it are news. */
  async tip(link: StoreLink): Promise<string> {
    const answer = await link.run('XREVRANGE', this.#keys.log, '+', '-', 'COUNT', 1);
    const [first] = loggedIn(answer);
    return first?.id ?? '0-0';
  }

  /** The messages behind `last`; none where none came for a while. */
  async news(link: StoreLink, last: string): Promise<readonly Logged[]> {
    const { log } = this.#keys;
    const options = ['COUNT', READ_AT_ONCE, 'BLOCK', READ_WAITS_MS, 'STREAMS', log, last] as const;
    const answer = await link.run('XREAD', ...options);
    const [stream] = Array.isArray(answer) ? (answer as unknown[]) : [];
    const [, entries] = Array.isArray(stream) ? (stream as unknown[]) : [];
    const { aheadMs } = this.#clock;
    return loggedIn(entries).map(({ id, text }) => {
      const read = decodeFleetMessage(text, aheadMs);
      return { id, message: read.kind === 'value' ? read.value : undefined };
    });
  }

  async say(link: StoreLink, sender: Sender, said: Said): Promise<void> {
    const line = encodeFleetMessage({ ...sender, ...said }, this.#clock.aheadMs);
    this.#longest = Math.max(line.length, Math.floor(this.#longest * 0.98));
    const most = Math.floor(MOST_LOGGED / this.#longest);
    const kept = Math.max(LEAST_MESSAGES, Math.min(MOST_MESSAGES, most));
    await link.run('XADD', this.#keys.log, 'MAXLEN', '~', kept, '*', 'd', line);
  }

  /** Keeps of what was told the part that outlives its member. */
  async keep(link: StoreLink, member: string, { bytes = [], entries = [] }: Untold): Promise<void> {
    const counts = bytes.map((fact) => ({ member, fact }));
    for (const [key, fields] of this.#monthsOf(counts)) await this.#keepMonth(link, key, fields);
    const { aheadMs } = this.#clock;
    const kept = entries.flatMap(({ kind, facts }) =>
      isKept(kind) ? facts.map((fact) => entryField(kind, shifted(fact, aheadMs))) : [],
    );
    await this.#put(link, this.#keys.entries, kept);
  }

  /** Puts counts of others back into a store that has lost them: those that nobody else has put there. */
  async restoreBytes(link: StoreLink, counts: readonly KeptBytes[]): Promise<void> {
    for (const [key, fields] of this.#monthsOf(counts)) {
      const known = await link.run('HMGET', key, ...fields.map(([field]) => field));
      const missing = fields.filter((_, at) => !Array.isArray(known) || known[at] === null);
      await this.#keepMonth(link, key, missing);
    }
  }

  /** Steps through the bytes of the month of `day`. */
  async *bytes(link: StoreLink, day: string): AsyncGenerator<readonly KeptBytes[]> {
    for await (const fields of steps(link, this.#keys.bytesOf(day))) {
      yield fields.flatMap(([field, value]) => readBytes(field, value) ?? []);
    }
  }

  /** Steps through the entries. */
  async *entries(link: StoreLink): AsyncGenerator<readonly KeptEntry[]> {
    for await (const fields of steps(link, this.#keys.entries)) {
      const { aheadMs } = this.#clock;
      yield fields.flatMap(([field, value]) => {
        const read = readEntry(field, value);
        return read === undefined ? [] : { ...read, fact: shifted(read.fact, -aheadMs) };
      });
    }
  }

  /** Removes entries that have ended, of one step from `cursor`; gives the next one. Who is changed meanwhile stays for another time. */
  async sweep(link: StoreLink, cursor: string): Promise<string> {
    const { entries: key } = this.#keys;
    await link.run('WATCH', key);
    const { next, fields } = await step(link, key, cursor);
    const endedBefore = this.#clock.now() - ENTRY_KEPT_MS;
    const ended = fields.filter(([field, value]) => {
      const read = readEntry(field, value);
      return read === undefined || read.fact.endsAt < endedBefore;
    });
    if (ended.length === 0) await link.run('UNWATCH');
    else {
      await link.run('MULTI');
      await link.run('HDEL', key, ...ended.map(([field]) => String(field)));
      await link.run('EXEC');
    }
    return next;
  }

  /** The log outlives its members by an hour. */
  async keepLog(link: StoreLink): Promise<void> {
    await link.run('EXPIRE', this.#keys.log, LOG_KEPT_S);
  }

  /** Months are told anew when they end. */
  forgetEnds(): void {
    this.#ending.clear();
  }

  /** Fields by the key of their month. */
  #monthsOf(counts: readonly KeptBytes[]): ReadonlyMap<string, readonly Field[]> {
    const months = new Map<string, Field[]>();
    for (const { member, fact } of counts) {
      const key = this.#keys.bytesOf(fact.day);
      const fields = months.get(key) ?? [];
      fields.push(bytesField(member, fact));
      months.set(key, fields);
    }
    return months;
  }

  async #keepMonth(link: StoreLink, key: string, fields: readonly Field[]): Promise<void> {
    await this.#put(link, key, fields);
    if (fields.length === 0 || this.#ending.has(key)) return;
    this.#ending.add(key);
    const [, year, month] = /(\d{4})-(\d\d)$/.exec(key) ?? [];
    await link.run('EXPIREAT', key, Date.UTC(Number(year), Number(month), 1) / 1000 + BYTES_KEPT_S);
  }

  async #put(link: StoreLink, key: string, fields: readonly Field[]): Promise<void> {
    if (fields.length > 0) await link.run('HSET', key, ...fields.flat());
  }
}

type Stored = readonly [field: unknown, value: unknown];

async function* steps(link: StoreLink, key: string): AsyncGenerator<readonly Stored[]> {
  let cursor = '0';
  do {
    const { next, fields } = await step(link, key, cursor);
    yield fields;
    cursor = next;
  } while (cursor !== '0');
}

async function step(
  link: StoreLink,
  key: string,
  cursor: string,
): Promise<{ readonly next: string; readonly fields: readonly Stored[] }> {
  const answer = await link.run('HSCAN', key, cursor, 'COUNT', STEP);
  const [next, flat] = Array.isArray(answer) ? (answer as unknown[]) : [];
  const texts: readonly unknown[] = Array.isArray(flat) ? flat : [];
  const fields = texts.flatMap((field, at): Stored[] => (at % 2 === 0 ? [[field, texts[at + 1]]] : []));
  return { next: typeof next === 'string' ? next : '0', fields };
}

/** `[[id, [field, value]], ...]`. */
function loggedIn(answer: unknown): readonly { readonly id: string; readonly text: string }[] {
  if (!Array.isArray(answer)) return [];
  return (answer as unknown[]).flatMap((entry) => {
    const [id, fields] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const [, text = ''] = Array.isArray(fields) ? (fields as unknown[]) : [];
    return typeof id === 'string' ? { id, text: typeof text === 'string' ? text : '' } : [];
  });
}
