// The result of a pure decoder. A decoder never throws, never reads past `size`, and returns `more` for every proper prefix of a
// valid message; bytes after `size` belong to the next message.
import type { FaultCode } from '../base/fault.ts';

export type Decoded<T> =
  | { readonly kind: 'done'; readonly value: T; readonly size: number }
  | { readonly kind: 'more'; readonly atLeast: number }
  /** `why`: the detail for people, where the code alone does not tell it. */
  | { readonly kind: 'bad'; readonly code: FaultCode; readonly why?: string };

/** A whole message of `size` bytes. */
export function done<T>(value: T, size: number): Decoded<T> {
  return { kind: 'done', value, size };
}

/** Incomplete: the message has at least `atLeast` bytes in all. */
export function more(atLeast: number): Decoded<never> {
  return { kind: 'more', atLeast };
}

/** No continuation can make these bytes valid. */
export function bad(code: FaultCode, why?: string): Decoded<never> {
  return why === undefined ? { kind: 'bad', code } : { kind: 'bad', code, why };
}
