// A client of UDP ASSOCIATE, written apart from the codecs of the product.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { ipToBytes, type Endpoint } from '../../src/base/ip.ts';
import { at } from './legs.ts';
import { enter, type Login } from './socks.ts';
import { dialWire, type Wire } from './sockets.ts';
import { udpPeer, type UdpPeer } from './udp.ts';

export interface Associated {
  /** The control connection. */
  readonly wire: Wire;
  /** What the reply named. */
  readonly bound: Endpoint;
  readonly udp: UdpPeer;
  /** Sends `payload` behind a header for `target`. */
  send(payload: Uint8Array | string, target: Endpoint | NamedTarget): Promise<void>;
  /** The next answer, with the source that its header names. */
  answer(): Promise<Answer>;
}

export interface NamedTarget {
  readonly name: string;
  readonly port: number;
}

export interface Answer {
  readonly atyp: number;
  readonly source: Endpoint;
  readonly payload: Buffer;
}

interface Asked {
  readonly host?: string;
  /** Address of the client; `host` if absent. */
  readonly source?: string;
  /** DST of the request: `ATYP ADDR PORT`; zeros if absent. */
  readonly announced?: (udp: UdpPeer) => Uint8Array;
  readonly login?: Login;
}

const ZEROS = Uint8Array.of(1, 0, 0, 0, 0, 0, 0);

/** Associates with the proxy at `port`; everything is closed at the end of the test. */
export async function openAssociation(
  t: ExecutionContext,
  port: number,
  { host = '127.0.0.1', source = host, announced = () => ZEROS, login }: Asked = {},
): Promise<Associated> {
  const udp = await udpPeer(t, source);
  const wire = await dialWire(port, host, source);
  t.teardown(() => wire.socket.destroy());
  await enter(wire, login);
  wire.send(Buffer.concat([Uint8Array.of(5, 3, 0), announced(udp)]));
  const [, rep, , atyp] = await wire.take(4);
  if (rep !== 0) throw new Error(`REP ${rep ?? -1}`);
  const bound = readEndpoint(await wire.take(atyp === 1 ? 6 : 18));
  return {
    wire,
    bound,
    udp,
    send: (payload, target) => udp.send(datagram(payload, target), bound),
    answer: async () => {
      const [datagram] = await udp.take(1);
      return readAnswer(datagram!.bytes);
    },
  };
}

/** Says whether the way through the association to `echo` is open. */
export async function mustEcho(
  t: ExecutionContext,
  each: Associated,
  echo: Pick<UdpPeer, 'local'>,
  word: string,
): Promise<void> {
  await each.send(word, echo.local);
  const answer = await each.answer();
  t.is(answer.payload.toString(), word);
  t.deepEqual(answer.source, echo.local);
}

/** `RSV RSV FRAG ATYP ADDR PORT DATA`. */
export function datagram(payload: Uint8Array | string, target: Endpoint | NamedTarget): Buffer {
  return Buffer.concat([Uint8Array.of(0, 0, 0), addressBytes(target), Buffer.from(payload)]);
}

/** `ATYP ADDR PORT`. */
export function addressBytes(target: Endpoint | NamedTarget): Uint8Array {
  const port = Uint8Array.of(target.port >> 8, target.port & 0xff);
  if ('name' in target) {
    return Buffer.concat([Uint8Array.of(3, target.name.length), Buffer.from(target.name), port]);
  }
  const address = ipToBytes(target.ip);
  return Buffer.concat([Uint8Array.of(address.length === 4 ? 1 : 4), address, port]);
}

/** Settles once `endpoint` is free. */
export async function mustBeFree(endpoint: Endpoint): Promise<void> {
  const socket = createSocket(endpoint.ip.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address: endpoint.ip, port: endpoint.port, exclusive: true });
  await once(socket, 'listening');
  socket.close();
}

function readAnswer(bytes: Buffer): Answer {
  if (bytes.readUIntBE(0, 3) !== 0) throw new Error(`RSV and FRAG are ${bytes.toString('hex', 0, 3)}`);
  const atyp = bytes[3]!;
  const end = atyp === 1 ? 10 : 22;
  return { atyp, source: readEndpoint(bytes.subarray(4, end)), payload: bytes.subarray(end) };
}

function readEndpoint(bytes: Buffer): Endpoint {
  const length = bytes.length - 2;
  const text =
    length === 4
      ? bytes.subarray(0, 4).join('.')
      : (bytes.toString('hex', 0, 16).match(/.{4}/g) ?? []).join(':');
  return at(bytes.readUInt16BE(length), text);
}
