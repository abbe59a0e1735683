// The keys of a fleet in the store, and the fields of its hashes. Names of clients and users are fields and values, never parts of keys.
import {
  list,
  number,
  object,
  oneWordOf,
  readJson,
  text,
  whole,
  type ShapeReader,
} from '../../control/shape.ts';
import type { BytesFact, EntryFact } from '../../policy/facts/fact.ts';
import { BYTES, type EntryKind } from '../workers/factmessage.ts';

/** Kinds of entries that are kept in the store; addresses that stick mean nothing to another host. */
const KEPT = ['bans', 'blocks', 'authOnce'] as const satisfies readonly EntryKind[];
export type KeptKind = (typeof KEPT)[number];

/** In braces, so that a cluster keeps all of a fleet together. */
export class StoreKeys {
  readonly #prefix: string;

  constructor(fleet: string) {
    this.#prefix = `p5:{${fleet}}:`;
  }

  /** The stream of messages. */
  get log(): string {
    return `${this.#prefix}log`;
  }

  /** Members by name. */
  get members(): string {
    return `${this.#prefix}members`;
  }

  /** Bans and logins that are remembered. */
  get entries(): string {
    return `${this.#prefix}entries`;
  }

  /** Bytes of the month of a day. */
  bytesOf(day: string): string {
    return `${this.#prefix}bytes:${day.slice(0, 7)}`;
  }
}

/** What the store has of a member. */
export interface MemberRecord {
  readonly epoch: number;
  /** When it was there last, by the clock of the store. */
  readonly beat: number;
  readonly release: string;
  readonly version?: string | undefined;
}

const MEMBER: ShapeReader<MemberRecord> = object({
  epoch: whole(0),
  beat: number(0),
  release: text(64),
  version: (found, where) => (found === undefined ? undefined : text(1024)(found, where)),
});

export function readMember(found: unknown): MemberRecord | undefined {
  return read(found, MEMBER);
}

/** A field and its value, for HSET. */
export type Field = readonly [string, string];

export function bytesField(member: string, { scope, name, day, dayBytes, monthBytes }: BytesFact): Field {
  return [JSON.stringify([scope, name, member]), JSON.stringify([day, dayBytes, monthBytes])];
}

export interface KeptBytes {
  readonly member: string;
  readonly fact: BytesFact;
}

/** undefined: it is none of ours. */
export function readBytes(field: unknown, value: unknown): KeptBytes | undefined {
  const [scope, name, member] = read(field, list(text(8192))) ?? [];
  const [day, dayBytes, monthBytes] = read(value, anyList) ?? [];
  if (member === undefined || member.length > 64) return undefined;
  const fact = read(JSON.stringify({ scope, name, day, dayBytes, monthBytes }), BYTES);
  return fact && { member, fact };
}

export function entryField(kind: KeptKind, { name, value, endsAt, stamp, state }: EntryFact): Field {
  return [JSON.stringify([kind, name]), JSON.stringify({ value, endsAt, stamp, state })];
}

export interface KeptEntry {
  readonly kind: KeptKind;
  readonly fact: EntryFact;
}

const ENTRY_VALUE = object({
  value: text(8192),
  endsAt: number(0),
  stamp: whole(0),
  state: oneWordOf(['holds', 'removed'] as const),
});

export function readEntry(field: unknown, value: unknown): KeptEntry | undefined {
  const [word, name] = read(field, list(text(8192))) ?? [];
  const kind = KEPT.find((each) => each === word);
  const fact = read(value, ENTRY_VALUE);
  return kind === undefined || name === undefined || fact === undefined
    ? undefined
    : { kind, fact: { name, ...fact } };
}

export function isKept(kind: EntryKind): kind is KeptKind {
  return KEPT.some((each) => each === kind);
}

const anyList: ShapeReader<readonly unknown[]> = list((found) => found);

function read<T>(found: unknown, reader: ShapeReader<T>): T | undefined {
  if (typeof found !== 'string') return undefined;
  const parsed = readJson(found, reader);
  return parsed.kind === 'value' ? parsed.value : undefined;
}
