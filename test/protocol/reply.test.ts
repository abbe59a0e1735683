import test from 'ava';
import fc from 'fast-check';
import { ipFromBytes, unmapIp } from '../../src/base/ip.ts';
import { decodeAddress } from '../../src/protocol/address.ts';
import { REP } from '../../src/protocol/codes.ts';
import { encodeReply } from '../../src/protocol/reply.ts';

const ip = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map((bytes) => unmapIp(ipFromBytes(bytes)));

test('encodeReply() writes a failure as ten bytes with ATYP 01 and zeros (V5-12)', (t) => {
  for (const rep of Object.values(REP)) t.deepEqual([...encodeReply(rep)], [5, rep, 0, 1, 0, 0, 0, 0, 0, 0]);
});

test('encodeReply() writes the bound endpoint in its own family (V5-10, V5-11)', (t) => {
  fc.assert(
    fc.property(fc.record({ ip, port: fc.nat(65_535) }), (bound) => {
      const reply = encodeReply(REP.SUCCEEDED, bound);
      t.deepEqual([...reply.subarray(0, 3)], [5, 0, 0]);
      t.deepEqual(decodeAddress(reply, 3), {
        kind: 'done',
        value: { kind: 'ip', ...bound },
        size: reply.length,
      });
    }),
  );
});
