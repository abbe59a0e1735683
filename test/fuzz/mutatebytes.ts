// Ways to spoil a string of bytes. Each gives a new one; none gives more than MAX_BYTES.
import type { Random } from './random.ts';

const MAX_BYTES = 32_768;

/** Versions, methods, commands, address types, lengths and their neighbours. */
const TELLING = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0a, 0x10, 0x3f, 0x40, 0x5a, 0x7f, 0x80, 0x85, 0xf0, 0xf1, 0xfe, 0xff,
];

type Spoil = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const WAYS: readonly Spoil[] = [
  flipBit,
  setByte,
  lieAboutLength,
  insert,
  remove,
  repeat,
  cut,
  splice,
  inflate,
];

/** One random change; `other` is where foreign bytes come from. */
export function mutateBytes(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  return random.pick(WAYS)(random, bytes, other).subarray(0, MAX_BYTES);
}

function flipBit(random: Random, bytes: Uint8Array): Uint8Array {
  return changed(random, bytes, (byte) => byte ^ (1 << random.below(8)));
}

function setByte(random: Random, bytes: Uint8Array): Uint8Array {
  return changed(random, bytes, () => random.pick(TELLING));
}

/** A byte that counts what follows says something else; any byte that could be one will do. */
function lieAboutLength(random: Random, bytes: Uint8Array): Uint8Array {
  const counts = [...bytes.keys()].filter((at) => bytes[at]! > 0 && at + bytes[at]! < bytes.length);
  if (counts.length === 0) return setByte(random, bytes);
  const at = random.pick(counts);
  const lie = random.pick([0, 1, bytes[at]! - 1, bytes[at]! + 1, bytes[at]! * 2, 0xff]);
  return Uint8Array.of(...bytes.subarray(0, at), lie, ...bytes.subarray(at + 1));
}

function insert(random: Random, bytes: Uint8Array): Uint8Array {
  const added = random.oneIn(2) ? Uint8Array.of(random.pick(TELLING)) : random.bytes(1 + random.below(16));
  return join(bytes, random.below(bytes.length + 1), added, 0);
}

function remove(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes, at, new Uint8Array(0), 1 + random.below(8));
}

function repeat(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return join(bytes, at, bytes.slice(at, at + 1 + random.below(16)), 0);
}

function cut(random: Random, bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1));
}

function splice(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const head = bytes.subarray(0, random.below(bytes.length + 1));
  return Buffer.concat([head, other.subarray(random.below(other.length + 1))]);
}

/** So many bytes that they do not fit where one message does. */
function inflate(random: Random, bytes: Uint8Array): Uint8Array {
  if (!random.oneIn(8)) return flipBit(random, bytes);
  const many = new Uint8Array(1 << (8 + random.below(8))).fill(random.pick(TELLING));
  return join(bytes, random.below(bytes.length + 1), many, 0);
}

function changed(random: Random, bytes: Uint8Array, change: (byte: number) => number): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(random.pick(TELLING));
  const at = random.below(bytes.length);
  const copy = Uint8Array.from(bytes);
  copy[at] = change(copy[at]!);
  return copy;
}

/** `bytes` with `added` in place of `dropped` bytes at `at`. */
function join(bytes: Uint8Array, at: number, added: Uint8Array, dropped: number): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + dropped)]);
}
