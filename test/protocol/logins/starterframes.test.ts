import test from 'ava';
import fc from 'fast-check';
import {
  decodeFrame,
  encodeFrame,
  FRAME,
  MAX_FRAME_BYTES,
  type Frame,
} from '../../../src/protocol/logins/starterframes.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../../support/codec.ts';

const frames: fc.Arbitrary<Frame> = fc.record(
  {
    kind: fc.constantFrom(...Object.values(FRAME)),
    child: fc.nat(65_535),
    bytes: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

test('decodeFrame() asks for more on every prefix', (t) =>
  asksForMore(t, decodeFrame, frames.map(encodeFrame)));
test('decodeFrame() reads back what encodeFrame() wrote', (t) =>
  roundTrips<Frame>(t, decodeFrame, frames, encodeFrame));
test('decodeFrame() never throws', (t) => neverThrows(t, decodeFrame));
test('decodeFrame() does not care how the bytes come', (t) =>
  ignoresSplits(t, decodeFrame, frames.map(encodeFrame)));

test('a frame of another kind, or beyond the bound, is bad before it has come', (t) => {
  t.is(decodeFrame(Uint8Array.of(9)).kind, 'bad');
  const head = Uint8Array.from(encodeFrame({ kind: FRAME.OUTPUT, child: 1, bytes: new Uint8Array(0) }));
  new DataView(head.buffer).setUint32(3, MAX_FRAME_BYTES + 1);
  t.is(decodeFrame(head).kind, 'bad');
});
