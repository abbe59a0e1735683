// The four properties that every decoder keeps.
import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Decoded } from '../../src/protocol/decoded.ts';

type Decode<T> = (bytes: Uint8Array) => Decoded<T>;

/** Each proper prefix of a valid message asks for more, but never for more than the message has. */
export function asksForMore<T>(
  t: ExecutionContext,
  decode: Decode<T>,
  valid: fc.Arbitrary<Uint8Array>,
): void {
  fc.assert(
    fc.property(valid, (message) => {
      for (let length = 0; length < message.length; length++) {
        const decoded = decode(message.subarray(0, length));
        if (decoded.kind !== 'more') return t.fail(`${decoded.kind} at ${length} of ${message.length} bytes`);
        t.true(decoded.atLeast > length && decoded.atLeast <= message.length);
      }
    }),
  );
}

/** The value comes back as it was encoded, and what follows the message is left alone. */
export function roundTrips<T>(
  t: ExecutionContext,
  decode: Decode<T>,
  values: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
): void {
  fc.assert(
    fc.property(values, fc.uint8Array({ maxLength: 20 }), (value, rest) => {
      const message = encode(value);
      const decoded = decode(Buffer.concat([message, rest]));
      t.deepEqual(decoded, { kind: 'done', value, size: message.length });
    }),
  );
}

/** No input throws, and no answer speaks of bytes that are not there. */
export function neverThrows<T>(t: ExecutionContext, decode: Decode<T>): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const decoded = decode(bytes);
      if (decoded.kind === 'done') t.true(decoded.size <= bytes.length);
      if (decoded.kind === 'more') t.true(decoded.atLeast > bytes.length);
    }),
  );
}

/** Feeding the message in any pieces ends in the same answer as feeding it whole. */
export function ignoresSplits<T>(
  t: ExecutionContext,
  decode: Decode<T>,
  valid: fc.Arbitrary<Uint8Array>,
): void {
  fc.assert(
    fc.property(valid, fc.array(fc.nat(600)), (message, cuts) => {
      const ends = [...cuts.map((cut) => cut % (message.length + 1)), message.length].sort((a, b) => a - b);
      const answers = ends.map((end) => decode(message.subarray(0, end)));
      const first = answers.find(({ kind }) => kind !== 'more');
      t.deepEqual(first, decode(message));
    }),
  );
}
