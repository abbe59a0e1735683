// The decoders alone, without sockets: many more calls than sessions. Each keeps the properties of
// test/support/codec.ts for inputs that no generator of valid messages comes up with.
import { isDeepStrictEqual } from 'node:util';
import { decodeTicketAnswer } from '../../src/auth/kerberos/ticketanswer.ts';
import { decodeAddress } from '../../src/protocol/address.ts';
import { decodeChapMessage } from '../../src/protocol/chap.ts';
import { GSSAPI_MESSAGE } from '../../src/protocol/codes.ts';
import { decodeDatagram } from '../../src/protocol/datagram.ts';
import type { Decoded } from '../../src/protocol/decoded.ts';
import { decodeGssapiHead } from '../../src/protocol/gssapi.ts';
import { decodeGreeting, decodeMethod } from '../../src/protocol/greeting.ts';
import { decodeConnectAnswer } from '../../src/protocol/httpconnect.ts';
import { decodeHttpRequest } from '../../src/protocol/http/httprequest.ts';
import { decodeOpening } from '../../src/protocol/opening.ts';
import { decodeProxyHeader } from '../../src/protocol/doors/proxyheader.ts';
import { decodeReply } from '../../src/protocol/reply.ts';
import { decodeRequest } from '../../src/protocol/request.ts';
import { decodeSocks4Reply, decodeSocks4Request } from '../../src/protocol/socks4.ts';
import { decodeUserPass, decodeUserPassStatus } from '../../src/protocol/userpass.ts';
import { mutateBytes } from './mutatebytes.ts';
import type { Random } from './random.ts';
import type { Script } from './script.ts';

type Decode = (bytes: Uint8Array) => Decoded<unknown>;

const DECODERS: Readonly<Record<string, Decode>> = {
  decodeOpening,
  decodeGreeting,
  decodeSocks4Request,
  decodeUserPass,
  decodeChapMessage,
  decodeRequest,
  decodeAddress: (bytes) => decodeAddress(bytes, 0),
  decodeDatagram,
  decodeMethod,
  decodeUserPassStatus,
  decodeReply,
  decodeSocks4Reply,
  decodeConnectAnswer,
  decodeHttpRequest,
  decodeProxyHeader,
  decodeGssapiHead: (bytes) => decodeGssapiHead(bytes, GSSAPI_MESSAGE.TOKEN),
  decodeTicketAnswer,
};
const NAMES = Object.keys(DECODERS);

/** Longer messages than any valid one are cut: what is looked at is the parsing, not the reading. */
const MAX_BYTES = 700;
const NO_BYTES = new Uint8Array(0);

/** Gives one decoder bytes from the corpus, spoiled; what it broke, undefined for nothing. */
export function tryDecoder(random: Random, corpus: readonly Script[]): string | undefined {
  const name = random.pick(NAMES);
  let bytes = someBytes(random, corpus).subarray(0, MAX_BYTES);
  for (let changes = random.below(4); changes > 0; changes--) {
    bytes = mutateBytes(random, bytes, someBytes(random, corpus)).subarray(0, MAX_BYTES);
  }
  // Most messages do not stand first in their conversation.
  if (random.oneIn(2)) bytes = bytes.subarray(random.below(12));
  const breach = breachOf(DECODERS[name]!, bytes);
  return breach && `${name}(${Buffer.from(bytes).toString('hex')}) ${breach}`;
}

/** Which property `decode` breaks for `bytes`. */
export function breachOf(decode: Decode, bytes: Uint8Array): string | undefined {
  try {
    return judge(decode, bytes, decode(bytes));
  } catch (error) {
    return `throws ${String(error)}`;
  }
}

function judge(decode: Decode, bytes: Uint8Array, decoded: Decoded<unknown>): string | undefined {
  switch (decoded.kind) {
    case 'more':
      return decoded.atLeast > bytes.length ? undefined : `wants ${decoded.atLeast} bytes and has more`;
    case 'bad': {
      const longer = decode(Buffer.concat([bytes, Uint8Array.of(0, 1)]));
      return isDeepStrictEqual(longer, decoded) ? undefined : 'is bad, but not when more follows';
    }
    case 'done':
      return judgeDone(decode, bytes, decoded);
  }
}

function judgeDone(
  decode: Decode,
  bytes: Uint8Array,
  decoded: Extract<Decoded<unknown>, { kind: 'done' }>,
): string | undefined {
  const { size } = decoded;
  if (size < 1 || size > bytes.length) return `has a size of ${size}`;
  if (!isDeepStrictEqual(decode(bytes.slice(0, size)), decoded)) return 'depends on what follows';
  for (let length = 0; length < size; length++) {
    if (decode(bytes.subarray(0, length)).kind !== 'more')
      return `does not ask for more after ${length} bytes`;
  }
  return undefined;
}

function someBytes(random: Random, corpus: readonly Script[]): Uint8Array {
  if (random.oneIn(16)) return random.bytes(random.below(40));
  const step = random.pick(random.pick(corpus));
  return 'bytes' in step ? step.bytes : NO_BYTES;
}
