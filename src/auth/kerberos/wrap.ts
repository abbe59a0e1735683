// Messages under the key of a Kerberos context (RFC 4121 section 4.2.4): sealed, or in clear with a checksum. Each direction is
// numbered: on a stream nothing may be left out, repeated or exchanged.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  decodeWrapToken,
  encodeWrapHeader,
  WRAP_FLAG,
  WRAP_HEADER_BYTES,
  type WrapHeader,
} from '../../protocol/wraptoken.ts';
import type { Enctype, KeyPurpose } from './enctypes.ts';

/** Our side of the context. */
export type WrapSide = 'acceptor' | 'initiator';

/** The key of a context, and where its numbers begin. */
export interface ContextKey {
  readonly enctype: Enctype;
  readonly key: Uint8Array;
  /** The key is one that the acceptor has made. */
  readonly isAcceptorSubkey: boolean;
  readonly sendSequence: bigint;
  readonly receiveSequence: bigint;
}

/** `sealed`: nobody else can read it; `clear`: nobody else can change it. */
export type WrapForm = 'sealed' | 'clear';

/** A message that the key proves to be the next one, or what is wrong with it. */
export type Unwrapped =
  | { readonly kind: 'message'; readonly form: WrapForm; readonly text: Uint8Array }
  | { readonly kind: 'wrong'; readonly why: string };

const CONFOUNDER_BYTES = 16;
/** Sequence numbers are 64 bits wide. */
const SEQUENCES = 1n << 64n;

export class ContextWrap {
  readonly #enctype: Enctype;
  readonly #flags: number;
  readonly #ours: SideKeys;
  readonly #theirs: SideKeys;
  #sendSequence: bigint;
  #receiveSequence: bigint;

  constructor(side: WrapSide, context: ContextKey) {
    this.#enctype = context.enctype;
    this.#flags =
      (side === 'acceptor' ? WRAP_FLAG.SENT_BY_ACCEPTOR : 0) |
      (context.isAcceptorSubkey ? WRAP_FLAG.ACCEPTOR_SUBKEY : 0);
    this.#ours = new SideKeys(context, side);
    this.#theirs = new SideKeys(context, side === 'acceptor' ? 'initiator' : 'acceptor');
    this.#sendSequence = context.sendSequence;
    this.#receiveSequence = context.receiveSequence;
  }

  /** The token of our next message. */
  wrap(form: WrapForm, text: Uint8Array): Uint8Array {
    const sequence = this.#sendSequence;
    this.#sendSequence = (sequence + 1n) % SEQUENCES;
    const header = { flags: this.#flags, extra: 0, rotation: 0, sequence };
    return form === 'sealed' ? this.#seal(header, text) : this.#sign(header, text);
  }

  /** Nothing in it is trusted before the MAC has been compared. */
  unwrap(token: Uint8Array): Unwrapped {
    const decoded = decodeWrapToken(token);
    if (decoded === undefined) return wrong('it is no wrap token of RFC 4121');
    const { header, body } = decoded;
    const isSealed = (header.flags & WRAP_FLAG.SEALED) !== 0;
    if ((header.flags & ~WRAP_FLAG.SEALED) !== (this.#flags ^ WRAP_FLAG.SENT_BY_ACCEPTOR))
      return wrong(`its flags are ${header.flags}`);
    const text = isSealed ? this.#open(header, body) : this.#verify(header, body);
    if (text === undefined) return wrong('the key does not prove it');
    if (header.sequence !== this.#receiveSequence)
      return wrong(`its number is ${header.sequence} and not ${this.#receiveSequence}`);
    this.#receiveSequence = (header.sequence + 1n) % SEQUENCES;
    return { kind: 'message', form: isSealed ? 'sealed' : 'clear', text };
  }

  #seal(plain: WrapHeader, text: Uint8Array): Uint8Array {
    const { encrypt, macOf } = this.#enctype;
    const head = encodeWrapHeader({ ...plain, flags: plain.flags | WRAP_FLAG.SEALED });
    const whole = Buffer.concat([randomBytes(CONFOUNDER_BYTES), text, head]);
    const sealed = encrypt(this.#ours.key('encryption'), whole);
    return Buffer.concat([head, sealed, this.#mac(this.#ours, macOf === 'text' ? whole : sealed)]);
  }

  #open(header: WrapHeader, body: Uint8Array): Uint8Array | undefined {
    const { decrypt, macBytes, macOf } = this.#enctype;
    const end = body.length - macBytes;
    if (end < CONFOUNDER_BYTES + header.extra + WRAP_HEADER_BYTES) return undefined;
    const sealed = body.subarray(0, end);
    const mac = body.subarray(end);
    if (macOf === 'ciphertext' && !isSame(mac, this.#mac(this.#theirs, sealed))) return undefined;
    const whole = decrypt(this.#theirs.key('encryption'), sealed);
    if (macOf === 'text' && !isSame(mac, this.#mac(this.#theirs, whole))) return undefined;
    const head = whole.length - WRAP_HEADER_BYTES;
    if (!isSame(whole.subarray(head), encodeWrapHeader({ ...header, rotation: 0 }))) return undefined;
    return whole.subarray(CONFOUNDER_BYTES, head - header.extra);
  }

  #sign(plain: WrapHeader, text: Uint8Array): Uint8Array {
    const header = encodeWrapHeader({ ...plain, extra: this.#enctype.macBytes });
    return Buffer.concat([header, text, this.#checksum(this.#ours, plain, text)]);
  }

  #verify(header: WrapHeader, body: Uint8Array): Uint8Array | undefined {
    const end = body.length - this.#enctype.macBytes;
    if (header.extra !== this.#enctype.macBytes || end < 0) return undefined;
    const text = body.subarray(0, end);
    const isProven = isSame(body.subarray(end), this.#checksum(this.#theirs, header, text));
    return isProven ? text : undefined;
  }

  /** With both counts of the header as zeros. */
  #checksum(keys: SideKeys, header: WrapHeader, text: Uint8Array): Uint8Array {
    const { hmac, macBytes } = this.#enctype;
    const zeroed = encodeWrapHeader({ ...header, extra: 0, rotation: 0 });
    return hmac(keys.key('checksum'), [text, zeroed]).subarray(0, macBytes);
  }

  #mac(keys: SideKeys, whole: Uint8Array): Uint8Array {
    const { hmac, macBytes, macOf } = this.#enctype;
    const parts = macOf === 'text' ? [whole] : [ZERO_VECTOR, whole];
    return hmac(keys.key('integrity'), parts).subarray(0, macBytes);
  }
}

const ZERO_VECTOR = new Uint8Array(16);

/** Key usages of RFC 4121 section 2, the same for both forms. */
const USAGE: Readonly<Record<WrapSide, number>> = { acceptor: 22, initiator: 24 };

/** The keys of one direction, derived when they are first needed. */
class SideKeys {
  readonly #context: ContextKey;
  readonly #usage: number;
  readonly #keys: Partial<Record<KeyPurpose, Uint8Array>> = {};

  constructor(context: ContextKey, sender: WrapSide) {
    this.#context = context;
    this.#usage = USAGE[sender];
  }

  key(purpose: KeyPurpose): Uint8Array {
    const { enctype, key } = this.#context;
    return (this.#keys[purpose] ??= enctype.derive(key, this.#usage, purpose));
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function wrong(why: string): Unwrapped {
  return { kind: 'wrong', why };
}
