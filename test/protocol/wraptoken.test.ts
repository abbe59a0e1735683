import test from 'ava';
import fc from 'fast-check';
import { decodeWrapToken, encodeWrapHeader } from '../../src/protocol/wraptoken.ts';

const header = fc.record({
  flags: fc.nat(255),
  extra: fc.nat(65_535),
  rotation: fc.constant(0),
  sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
});

test('decodeWrapToken() reads back every header, and what stands behind it', (t) => {
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 50 }), (value, body) => {
      const token = Buffer.concat([encodeWrapHeader(value), body]);
      t.deepEqual(decodeWrapToken(token)?.header, { ...value });
      t.deepEqual(Buffer.from(decodeWrapToken(token)!.body), Buffer.from(body));
    }),
  );
});

test('decodeWrapToken() turns the body back', (t) => {
  fc.assert(
    fc.property(fc.nat(65_535), fc.uint8Array({ minLength: 1, maxLength: 50 }), (rotation, body) => {
      const by = rotation % body.length;
      const turned = Buffer.concat([body.subarray(body.length - by), body.subarray(0, body.length - by)]);
      const head = encodeWrapHeader({ flags: 0, extra: 0, rotation, sequence: 1n });
      t.deepEqual(Buffer.from(decodeWrapToken(Buffer.concat([head, turned]))!.body), Buffer.from(body));
    }),
  );
});

test('decodeWrapToken() takes no other kind of token, and none that is cut', (t) => {
  const token = encodeWrapHeader({ flags: 7, extra: 12, rotation: 0, sequence: 3n });
  t.is(Buffer.from(token).toString('hex'), '050407ff000c00000000000000000003');
  for (let length = 0; length < token.length; length++)
    t.is(decodeWrapToken(token.subarray(0, length)), undefined);
  t.is(decodeWrapToken(Uint8Array.of(4, 4, ...token.subarray(2))), undefined);
  t.is(decodeWrapToken(Uint8Array.of(5, 4, 0, 0, ...token.subarray(4))), undefined);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void decodeWrapToken(bytes)));
  t.pass();
});
