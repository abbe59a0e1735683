// TLS in front of a listener: a client speaks TLS first, and everything else inside. The handshake is that of tls.Server, which alone
// checks client certificates: a bare TLSSocket lets forged ones in.
import type { Duplex } from 'node:stream';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';
import type { Deadline } from '../../base/deadline.ts';
import { Fault } from '../../base/fault.ts';
import { ownerOf } from '../../policy/room/owner.ts';
import type { Layer } from '../layer.ts';
import type { StreamCarrier } from '../released.ts';
import { StreamLeg } from '../streams/streamleg.ts';
import { carrierForTls } from '../streams/tlscarrier.ts';
import { CLOSE_LINGER_MS, type Leg } from '../transport.ts';
import { endBelow } from './below.ts';
import { userOf, whyDistrusted } from './clientuser.ts';
import { HandshakeTurns } from './handshaketurns.ts';
import { choosePair, type TlsSettings } from './tlssettings.ts';
import { TicketKeys } from './ticketkeys.ts';

/** The first byte of a TLS record with a handshake (RFC 8446 section 5.1). */
const HANDSHAKE = 0x16;

/** A client may not begin a second handshake in TLS 1.2: each costs as much as a connection (SSL_OP_NO_RENEGOTIATION). */
const NO_RENEGOTIATION = 0x4000_0000;

export class TlsLayer implements Layer {
  readonly name = 'tls';
  readonly #turns: HandshakeTurns;
  readonly #tickets = new TicketKeys();
  #settings: TlsSettings | undefined;
  #server: Server | undefined;

  /** Several layers of one process share their turns. */
  constructor(turns = new HandshakeTurns()) {
    this.#turns = turns;
  }

  /**
   * New handshakes use `settings`; undefined: there is no TLS listener. Tickets stay valid unless who may come has changed.
   */
  follow(settings: TlsSettings | undefined): void {
    this.#settings = settings;
    this.#server =
      settings && serverFor(settings, Buffer.from(settings.ticketKeys ?? this.#tickets.for(settings)));
  }

  get settings(): TlsSettings | undefined {
    return this.#settings;
  }

  readonly cover = async (leg: Leg, deadline: Deadline): Promise<Leg> => {
    await mustBeTls(leg);
    await this.#turns.wait(ownerOf(leg.remote.ip), deadline);
    const { remote, local } = leg;
    const [server, settings] = [this.#server, this.#settings];
    if (server === undefined || settings === undefined) throw new Fault('SHUTTING_DOWN', 'no TLS any more');
    const { secure, reset } = await shakeHands(server, leg, {
      deadline,
      measure: (work) => this.#turns.measure(work),
    });
    const user = userOf(settings.user, secure);
    if (user instanceof Fault) {
      reset();
      throw user;
    }
    return new StreamLeg({ stream: secure, reset }, remote, local, { user });
  };
}

/** Rejects with WRONG_DOOR when the first byte is not TLS: OpenSSL would wait for a whole record header. */
async function mustBeTls(leg: Leg): Promise<void> {
  const first = await leg.read();
  if (first === undefined) throw new Fault('CLIENT_CLOSED', 'without a byte of TLS');
  leg.unread(first);
  const [byte = 0] = first;
  if (byte === HANDSHAKE) return;
  throw new Fault(
    'WRONG_DOOR',
    `the listener at port ${leg.local.port} takes TLS, and what came is ${nameOf(byte)}`,
  );
}

function nameOf(byte: number): string {
  if (byte === 5 || byte === 4) return `SOCKS${byte} in clear`;
  return byte >= 0x41 && byte <= 0x5a
    ? 'HTTP or another text in clear'
    : `something else (0x${byte.toString(16).padStart(2, '0')})`;
}

function serverFor(settings: TlsSettings, ticketKeys: Buffer): Server {
  const { pairs, minVersion, clientCa, client } = settings;
  const common = {
    minVersion,
    honorCipherOrder: true,
    secureOptions: NO_RENEGOTIATION,
    ticketKeys,
    sessionIdContext: 'picosocks5',
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  } as const;
  const contexts = new Map(pairs.map((pair) => [pair, createSecureContext({ ...common, ...pair.pem })]));
  const [first] = pairs;
  return createServer({
    ...common,
    ...first?.pem,
    requestCert: client !== 'no',
    // With `ask`, userOf() refuses an untrusted certificate.
    rejectUnauthorized: client === 'require',
    // The antechamber ends it earlier.
    handshakeTimeout: 120_000,
    // undefined: as for a client that names no host.
    SNICallback: (name, done) => {
      const pair = choosePair(pairs, name);
      done(null, pair && contexts.get(pair));
    },
    allowHalfOpen: true,
  } as Parameters<typeof createServer>[0] & object);
}

interface Secured {
  readonly secure: TLSSocket;
  readonly reset: () => void;
}

interface Terms {
  readonly deadline: Deadline;
  /** Runs an expensive step, and counts its time. */
  readonly measure: <T>(work: () => T) => T;
}

/** Takes over the leg. Rejects with TLS_FAILED, PEER_RESET or the fault of the deadline, and has closed everything then. */
function shakeHands(server: Server, leg: Leg, { deadline, measure }: Terms): Promise<Secured> {
  return new Promise((resolve, reject) => {
    let secure: TLSSocket | undefined;
    const released = leg.release();
    const below: StreamCarrier = carrierForTls(released, () => secure && endBelow(secure, below.stream));
    below.stream.on('error', () => undefined);
    const measured = measureReading(below.stream, measure);
    const reset = (): void => resetBelow(secure, below);
    const fail = (fault: Fault): void => {
      forget();
      measured();
      reset();
      reject(fault);
    };
    let forget = (): void => undefined;
    if (released.finished || released.broken) {
      fail(new Fault('CLIENT_CLOSED', 'before the TLS handshake'));
      return;
    }
    const hear = (event: string, what: unknown, socket?: TLSSocket): void => {
      if (event === 'tlsClientError') {
        socket?.on('error', () => undefined);
        fail(faultOfHandshake(what as NodeJS.ErrnoException, socket));
      }
      if (event !== 'secureConnection') return;
      secure = what as TLSSocket;
      // Stays attached: an error without a listener would end the process.
      secure.on('error', () => undefined);
      forget();
      measured();
      resolve({ secure, reset });
    };
    forget = deadline.whenEnded(fail);
    // A server of its own for this client, so that what it tells is about this client.
    const ours = Object.create(server, { emit: { value: hear } }) as Server;
    (server.emit as (this: Server, event: string, stream: unknown) => boolean).call(
      ours,
      'connection',
      below.stream,
    );
  });
}

/**
 * Node works on the client's bytes, signatures included, while the stream below emits them: that is measured until the
 * returned function is called.
 */
function measureReading(stream: Duplex, measure: Terms['measure']): () => void {
  const emit = stream.emit.bind(stream) as (event: string, ...told: unknown[]) => boolean;
  stream.emit = (event: string, ...told: unknown[]) =>
    event === 'data' ? measure(() => emit(event, ...told)) : emit(event, ...told);
  return () => void Reflect.deleteProperty(stream, 'emit');
}

/**
 * Never at once: Node's TLS handle may be in a callback, in which the socket below must not be destroyed (Node 20 crashes).
 * A FIN on its way comes first, as in resetNow().
 */
function resetBelow(secure: TLSSocket | undefined, { reset, stream }: StreamCarrier): void {
  const resetSoon = (): void => void setImmediate(reset);
  if (secure === undefined || !secure.writableEnded || secure.writableFinished) resetSoon();
  else {
    const timer = setTimeout(() => secure.destroy(), CLOSE_LINGER_MS);
    stream.once('close', () => clearTimeout(timer));
    secure.once('finish', resetSoon);
  }
}

function faultOfHandshake(
  error: NodeJS.ErrnoException & { readonly reason?: string },
  secure?: TLSSocket,
): Fault {
  // For an untrusted certificate Node's error says only that the handshake was broken off.
  if (secure?.authorizationError) return new Fault('TLS_FAILED', whyDistrusted(secure));
  if (error.code === 'ECONNRESET') return new Fault('PEER_RESET', 'during the TLS handshake');
  return new Fault('TLS_FAILED', error.reason ?? error.code ?? error.message);
}
