// The contract between sessions and sockets, kept by two implementations: streams.ts (node:net, portable) and
// engine.ts (native, Linux). test/net/transport.test.ts runs against both.
//
// Invariants: a leg is owned by one session at a time and relay() takes ownership of both; every call on a leg
// after close() or relay() throws; no implementation keeps more than 1 MiB of unsent bytes per session, in both
// directions together, however slow a receiver is.
import type { Deadline } from '../base/deadline.ts';
import type { Fault } from '../base/fault.ts';
import type { Endpoint, Ip } from '../base/ip.ts';
import type { Listener, ListenerOptions, UnixListener } from './listener.ts';
import type { OwnEnds } from './ownends.ts';

export type { Listener, ListenerOptions, UnixListener } from './listener.ts';
import type { Released } from './released.ts';

/** Most bytes that a leg keeps while none are read. */
export const READ_AHEAD_LIMIT = 65_536;

/** How long a closed leg waits for the peer's FIN, throwing away what still comes. */
export const CLOSE_LINGER_MS = 1000;

/** How a stream is ended: `fin` sends what is queued and then FIN; `reset` sends RST and drops the rest. */
export type CloseHow = 'fin' | 'reset';

/** Bytes as they came, or undefined for FIN. The array is the receiver's. */
export type Arrival = Uint8Array | undefined;

/** A listener for the next event on a leg. It hears one of the two, once. */
export interface Reader {
  arrive(arrival: Arrival): void;
  /** PEER_RESET, or the fault that was given to abort(). */
  fail(fault: Fault): void;
}

/** The facts about a client that its TLS tells. */
export interface LegTls {
  /** The user that its certificate names; undefined: none. */
  readonly user: string | undefined;
}

/** A connected byte stream. */
export interface Leg {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  /** Where the TLS of a listener covers it. */
  readonly tls?: LegTls | undefined;
  /** The next event, when it is there already; `later`: `reader` will hear. One read at a time. */
  receive(reader: Reader): Arrival | Fault | 'later';
  /** receive() as a promise, which rejects with the fault. */
  read(): Promise<Arrival>;
  /**
   * From now on `remote` is `client`: a balancer has said that this is its stream. The stream stays the same, and `local`
   * its true end.
   */
  introduce(client: Endpoint): void;
  /** Puts bytes back in front: the next read, or the relay, gets them first. */
  unread(bytes: Uint8Array): void;
  /** Queues bytes. For handshake messages: the caller never waits for the receiver. Ignored once the peer has reset. */
  write(bytes: Uint8Array): void;
  /**
   * Calls `listener` once when nothing waits any more of what was written, at once where nothing does; replaces the one
   * before. Never where the peer resets.
   */
  whenDrained(listener: () => void): void;
  /** Sends FIN behind what was written; reading goes on. A leg that has finished writes no more, and is not relayed. */
  finish(): void;
  /** Makes the pending and every later read fail with `fault`; the leg must still be closed. Nothing once it is released. */
  abort(fault: Fault): void;
  /**
   * `listener` hears once if the peer resets the stream while no read is pending, or if what it sent ahead has to give way
   * (RESOURCES_EXHAUSTED, net/readahead.ts); replaces the one before.
   */
  whenReset(listener: (fault: Fault) => void): void;
  /**
   * For waiting on something else: keeps what arrives, up to READ_AHEAD_LIMIT, for the next read or the relay, and tells
   * `listener` once when the peer resets (PEER_RESET) or sends FIN (CLIENT_CLOSED), at once where that has happened
   * already. An end that stands behind more bytes than are kept is not seen. No read may be pending; replaces
   * whenReset().
   */
  watch(listener: (fault: Fault) => void): void;
  /**
   * Ends the leg and gives its descriptor back. After `fin` whatever still arrives is read and thrown away for up
   * to CLOSE_LINGER_MS: closing with unread bytes would send RST and so destroy the last reply on its way.
   * Closing twice is allowed and does nothing.
   */
  close(how: CloseHow): void;
  /** Gives its connection away as a stream of Node, to TLS or to a relay of streams; the leg is closed afterwards. */
  release(): Released;
}

/** Bytes per second that may pass from the client (`up`) and to it (`down`); 0: no limit. */
export interface RelayRate {
  readonly up: number;
  readonly down: number;
}

/** Limits of one relay; 0 switches a limit off. */
export interface RelayLimits {
  /** Neither side sent anything for this long. */
  readonly idleTimeoutMs: number;
  /** One side has ended and the other has sent nothing for this long. */
  readonly halfClosedTimeoutMs: number;
  /** To begin with; absent: no limit. */
  readonly rate?: RelayRate | undefined;
  /** `lean`: the kernel shall hold little for it; streams cannot. */
  readonly buffers?: 'lean' | undefined;
  /** To begin with, as setStop() has it; absent: none. */
  readonly stop?: number | undefined;
}

/** Why a relay ended: who ended it first (by FIN with everything delivered, or by reset), or which limit. */
export type EndedBy =
  | 'client-fin'
  | 'target-fin'
  | 'client-reset'
  | 'target-reset'
  | 'idle-timeout'
  | 'half-closed-timeout'
  | 'cut';

export interface RelayEnd {
  /** Bytes from client to target that were read from the client. */
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly endedBy: EndedBy;
}

export interface Relay {
  /** Counters so far. */
  progress(): { readonly bytesUp: number; readonly bytesDown: number };
  /**
   * Changes the rates within 100 ms; what waits for a rate goes on at once as far as the new one allows. A direction
   * may save up what its rate gives in 128 ms, at least 2 KiB, and a change gives nothing on top of that. A relay that
   * waits for a rate is not idle. Does nothing once both legs are closed, or where no stream is relayed.
   */
  setRate(rate: RelayRate): void;
  /**
   * No more than so many bytes pass from now on, both directions together and counted from the start, at least 1; Infinity: no
   * limit. What was read before the relay passes in any case, and a datagram is not cut: it passes where a byte may. Who waits
   * at the stop is not idle. Does nothing once both legs are closed.
   */
  setStop(bytes: number): void;
  /** Ends both legs at once; the end then says 'cut'. */
  cut(how: CloseHow): void;
  /** Calls `listener` once when both legs are closed, never from inside relay() itself; one listener. */
  whenEnded(listener: (end: RelayEnd) => void): void;
}

/** The bytes that one relay holds. */
export interface Stall {
  /** Bytes in the socket buffers of both legs, and here. */
  readonly heldBytes: number;
  /** Time in which the receiver has taken next to nothing. */
  readonly stalledMs: number;
}

export interface StallWatch {
  /** How many relays are stalled now; of fast ones too, for moments. */
  readonly count: number;
  /**
   * Tells of all stalled relays. Threads look when they are asked: what they say is as old as the last call. `listener` hears
   * once when `tellAt` or more are stalled, unless the next call comes before; 0: never.
   */
  survey(tellAt: number, listener: () => void): ReadonlyMap<Relay, Stall>;
}

/** Settings of one outgoing socket, made before it connects. */
export interface LocalBinding extends SocketMarks {
  /** Source address; its family must be the destination's. */
  readonly source?: Ip | undefined;
}

/** How outgoing packets find their way, where that is not as for all. Streams cannot, and forbid what asks for it. */
export interface SocketMarks {
  /** Interface by which they leave. */
  readonly device?: string | undefined;
  /** SO_MARK, for the firewall; not 0. */
  readonly mark?: number | undefined;
}

/** Ears for one UDP socket; `bytes` are the callee's only until it returns. */
export type OnDatagram = (bytes: Uint8Array, from: Endpoint) => void;

/** Where a UDP socket looks: towards clients, or as dialled legs do towards targets, with what outgoing sockets are set to. */
export type UdpSide = 'client' | 'outside';

/** An unconnected UDP socket. */
export interface UdpSocket {
  readonly local: Endpoint;
  /**
   * Sends `head` and `payload` as one datagram. Never waits and never fails: what has no room is lost (UDP). Both arrays
   * are the caller's again when it returns.
   */
  send(head: Uint8Array, payload: Uint8Array, to: Endpoint): void;
  /** Gives the descriptor back; onDatagram is not called again. Closing twice does nothing. */
  close(): void;
}

/** The local ends of what is open or opening towards the outside; those of UDP are unspecified addresses mostly. */
export interface OwnSockets {
  readonly tcp: OwnEnds;
  readonly udp: OwnEnds;
}

export interface Transport {
  readonly name: 'streams' | 'engine';
  /** An end is there before its peer can see it, and until its socket is closed. */
  readonly own: OwnSockets;
  /**
   * Listens (IPv6 sockets take IPv6 only); rejects with the system's error (`code` EADDRINUSE, EACCES, ...).
   */
  listen(address: Endpoint, onLeg: (leg: Leg) => void, options?: ListenerOptions): Promise<Listener>;
  /**
   * The same with a TCP socket that listens already and becomes the transport's own; an IPv6 socket may take IPv4, too.
   * Rejects with an error that has a `code` where the descriptor is anything else; it must not be used afterwards.
   */
  listenOn(descriptor: number, onLeg: (leg: Leg) => void, options?: ListenerOptions): Promise<Listener>;
  /**
   * At a Unix socket: one that is made at a path, or one that listens and becomes the transport's own. A client has its account in the
   * place of an address, has come to 127.0.0.1, hears our reset as an end, and has reset when it leaves with bytes unread.
   */
  listenUnix(
    at: string | number,
    onLeg: (leg: Leg) => void,
    options?: ListenerOptions,
  ): Promise<UnixListener>;
  /**
   * A UDP socket bound to `address` (port 0: the system's choice; IPv6 sockets take IPv6 only); rejects with the
   * system's error, or with CONNECT_FORBIDDEN where an option of outgoing sockets could not be set. `side`: 'client', of which
   * `marks` say nothing.
   */
  openUdp(address: Endpoint, onDatagram: OnDatagram, side?: UdpSide, marks?: SocketMarks): Promise<UdpSocket>;
  /** The address of this host that dial() would leave from towards `to`, as the routes are now; undefined: there is no way. */
  departureTo(to: Ip, marks: SocketMarks): Promise<Ip | undefined>;
  /** Connects; rejects with a Fault of the connecting group, or the one that `deadline` ended with. */
  dial(destination: Endpoint, from: LocalBinding, deadline: Deadline): Promise<Leg>;
  /**
   * Takes both legs, its own ones or StreamLegs over any stream of Node, and passes bytes, FIN and RST between them until both
   * have ended.
   */
  relay(client: Leg, target: Leg, limits: RelayLimits): Relay;
  /** Its relays whose receivers do not read. */
  readonly stalls: StallWatch;
  /** Gives back what the transport itself holds (threads, descriptors), once its last session has ended. */
  close(): void;
}
