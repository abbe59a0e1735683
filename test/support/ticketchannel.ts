// The far end of the channel to a process that reads tickets, and its messages, written apart from their codec.
import { Duplex } from 'node:stream';

const u16 = (value: number) => Uint8Array.of(value >> 8, value & 0xff);
export const u32 = (value: number) => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
const u64 = (value: bigint) => Buffer.concat([u32(Number(value >> 32n)), u32(Number(value & 0xffff_ffffn))]);

export const framed = (id: number, payload: Uint8Array) =>
  Buffer.concat([u32(id), u32(payload.length), payload]);

export const acceptedPayload = (key: Uint8Array, name: string, token: Uint8Array) =>
  Buffer.concat([
    Uint8Array.of(0),
    u32(8),
    u32(17),
    Uint8Array.of(1),
    u64(2n ** 40n),
    u64(9n),
    u16(key.length),
    key,
    u16(Buffer.byteLength(name)),
    Buffer.from(name),
    token,
  ]);

export const ALICE = acceptedPayload(Buffer.from('sixteen byte key'), 'alice@REALM', Buffer.from('out'));

/** What was asked, and how to answer or say something else. */
export function fakeProcess() {
  const asked: { readonly id: number; readonly token: string }[] = [];
  const channel: Duplex = new Duplex({
    read: () => undefined,
    write(bytes: Buffer, _encoding, done) {
      asked.push({ id: bytes.readUInt32BE(0), token: bytes.subarray(8).toString() });
      done();
    },
  });
  const say = (id: number, payload: Uint8Array) => channel.push(framed(id, payload));
  const answer = (at: number, payload: Uint8Array) => say(asked[at]!.id, payload);
  return { channel, asked, say, answer };
}
