// The layout of the memory that the engine and JavaScript share. native/addon/addon_layout.c tells the same of the
// structures of C; an addon that tells anything else is not loaded.

/** `struct engine_shared`: a batch of records, the bytes they speak of, and a scratch place for arguments and results. */
export const SHARED = { records: 0, arena: 32_768, scratch: 294_912, size: 360_448 } as const;

/** `struct engine_record`. */
export const RECORD = {
  size: 64,
  kind: 0,
  handle: 4,
  origin: 8,
  offset: 12,
  length: 16,
  error: 20,
  family: 24,
  port: 28,
  address: 32,
  moved: 48,
  zone: 48,
} as const;

/** `enum engine_record_kind`. */
export const KIND = {
  ACCEPTED: 0,
  READ: 1,
  CONNECTED: 2,
  RESET: 3,
  RELAY_ENDED: 4,
  STARVED: 5,
  DATAGRAM: 6,
  DRAINED: 7,
  CROWDED: 8,
} as const;

/** `enum relay_ending`, by number. */
export const ENDINGS = [
  'client-fin',
  'target-fin',
  'client-reset',
  'target-reset',
  'idle-timeout',
  'half-closed-timeout',
  'cut',
] as const;

/** `enum close_how`. */
export const NATIVE_CLOSE = { fin: 0, reset: 1 } as const;

/** `enum socket_option`, by number from 1 on. */
export const SOCKET_OPTIONS = [
  'SO_BINDTODEVICE',
  'SO_MARK',
  'SO_KEEPALIVE',
  'IP_TOS',
  'TCP_FASTOPEN_CONNECT',
  'IP_FREEBIND',
] as const;

/** A call that fails because of an option returns -(errno + this times the option). */
export const OPTION_STEP = 4096;

/** The accesses that a rule of Landlock allows; native/unix/confine.h lists the rights. */
export const CONFINE_KIND = { read: 1, replace: 2, name: 3, device: 4 } as const;

/** An IPv6 address followed by the index of its zone. */
export const ADDRESS = { size: 20 } as const;

/** `struct stalled`. */
export const STALLED = { size: 12, handle: 0, held_kib: 4, age_ms: 8 } as const;

/** `struct udp_shared`: datagrams to send, their bytes, and received bytes. */
export const UDP = { outgoing: 6144, incoming: 268_288, size: 4_466_688 } as const;

/** `struct udp_send`. */
export const SEND = { size: 48, handle: 0, offset: 4, length: 8, family: 12, port: 16, address: 28 } as const;

const LAYOUT: readonly [string, number][] = [
  ...named('shared', SHARED),
  ...named('record', RECORD),
  ...named('kind', KIND),
  ...named('ending', numbered(ENDINGS, 0)),
  ...named('close', NATIVE_CLOSE),
  ['option.step', OPTION_STEP],
  ...named('option', numbered(SOCKET_OPTIONS, 1)),
  ...named('confine', CONFINE_KIND),
  ...named('address', ADDRESS),
  ...named('stalled', STALLED),
  ...named('udp', UDP),
  ...named('send', SEND),
];

/** The first difference to the layout of an addon; undefined: there is none. */
export function layoutDifference(native: Readonly<Record<string, number>> | undefined): string | undefined {
  if (native === undefined) return 'it does not tell its layout';
  const other = LAYOUT.find(([name, number]) => native[name] !== number);
  if (other !== undefined) return `${other[0]} is ${native[other[0]] ?? 'missing'}, and not ${other[1]}`;
  const known = new Set(LAYOUT.map(([name]) => name));
  const more = Object.keys(native).find((name) => !known.has(name));
  return more === undefined ? undefined : `it has ${more}`;
}

function named(room: string, numbers: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(numbers).map(([name, number]) => [`${room}.${name}`, number]);
}

function numbered(names: readonly string[], first: number): Record<string, number> {
  return Object.fromEntries(names.map((name, at) => [name, at + first]));
}
