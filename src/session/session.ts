// A session, and the snapshot that it runs on.
import type { ChapVerifier } from '../auth/chap.ts';
import type { GssapiLogin } from '../auth/kerberos/tickets.ts';
import { Deadline } from '../base/deadline.ts';
import type { Fault } from '../base/fault.ts';
import type { Cidr, Endpoint, Ip } from '../base/ip.ts';
import type { Link } from '../base/linkedlist.ts';
import type { FamilyChoice, SourcePlan } from '../config/model/config.ts';
import type { ProxyUser } from '../config/model/tls.ts';
import type { Resolver } from '../net/names/resolve.ts';
import type { ReadTcpMemory } from '../net/native/tcpmemory.ts';
import type { PortChoice } from '../net/ports.ts';
import type { Routing } from '../net/routes/travel.ts';
import type { Leg, RelayLimits, Transport } from '../net/transport.ts';
import type { HostsAccess } from '../policy/access/hostsaccess.ts';
import type { Identity } from '../policy/identity.ts';
import type { Entry } from '../policy/limits/entry.ts';
import type { Fellow } from '../net/listener.ts';
import type { LimitTable } from '../policy/limits/limits.ts';
import type { Policy } from '../policy/rules/rules.ts';
import type { Sources } from '../policy/rules/sources.ts';
import type { Destination } from '../protocol/address.ts';
import type { Rep } from '../protocol/codes.ts';
import type { BindPlaces } from './bindplaces.ts';
import type { Datagrams } from './datagrams/datagrams.ts';
import { LISTENER, UNSPOKEN, type Dialect, type Speaker } from './dialect.ts';
import type { EndReason, Report, SessionFacts } from './events.ts';
import type { LoginRules, Logins } from './logins.ts';
import type { Activity } from './activity.ts';

/**
 * Checks one login; rejects with LOGIN_FAILED, LOGIN_BUSY or LOGIN_UNAVAILABLE. A cached login returns synchronously. No check
 * takes longer than `deadline`.
 */
export type CheckLogin = (
  user: Uint8Array,
  password: Uint8Array,
  client: Ip,
  deadline?: Deadline,
) => Promise<Identity> | Identity;

/** undefined: a user of nobody here. */
export type IdentityOfAccount = (uid: number) => Identity | undefined;

/** Addresses and ports of BIND and UDP ASSOCIATE towards the outside. */
export interface Outside {
  /** Addresses of this host on which BIND waits, at most one per family; none: boundaddress.ts chooses. */
  readonly bindAddresses: readonly Ip[];
  readonly bindPorts: PortChoice;
  readonly bindTimeoutMs: number;
  /** Addresses in replies in place of this host's own, at most one per family. */
  readonly publicAddresses: readonly Ip[];
}

/** Limits of one UDP association; 0 switches a limit off. */
export interface UdpLimits {
  readonly ports: PortChoice;
  readonly idleTimeoutMs: number;
  readonly maxPeers: number;
  readonly packetsPerSecond: number;
  /** As ReplyLimits has both. */
  readonly unansweredBytes: number;
  readonly replyRatio: number;
}

/** Everything that a reload replaces. A session keeps the one it started with. */
export interface Snapshot {
  readonly policy: Policy;
  /** undefined when there are no users. */
  readonly checkLogin: CheckLogin | undefined;
  /** The identity of a client of a Unix socket by its uid; absent: its account says nothing. */
  readonly identityOfAccount?: IdentityOfAccount | undefined;
  /** The identity of the user that a certificate names, or why it may not come in; absent: one without a group. */
  readonly identityNamed?: ((user: string) => Identity | Fault) | undefined;
  /** undefined when no user can log in with CHAP. */
  readonly chap: ChapVerifier | undefined;
  /** Absent: there is no login by a ticket of Kerberos. */
  readonly gssapi?: GssapiLogin | undefined;
  /** Chooses where connections come from; it outlives reloads. */
  readonly sources: Sources;
  readonly family: FamilyChoice;
  /** undefined: every destination is reached directly. */
  readonly routing: Routing | undefined;
  /** 0: no limit of its own. */
  readonly maxSessions: number;
  /** The limits of the newest snapshot hold for live sessions too: a shared quantity has only one limit. */
  readonly limits: LimitTable;
  /** Exemptions from logins, and bans after failed ones. */
  readonly logins: LoginRules;
  /** undefined: hosts.allow and hosts.deny are not asked. */
  readonly hostsAccess: HostsAccess | undefined;
  /** Clients from these addresses are balancers, whose first bytes are headers of the PROXY protocol. */
  readonly proxyProtocol: readonly Cidr[];
  /** Whether a certificate that a balancer has checked names the user. */
  readonly proxyUser: ProxyUser;
  readonly handshakeTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly relayLimits: RelayLimits;
  /** Most that is held for sessions that stand still, by the newest snapshot; 0: no limit. */
  readonly stalledBytes: number;
  readonly outside: Outside;
  readonly udp: UdpLimits;
  /** Whether RESOLVE and RESOLVE_PTR are answered. */
  readonly resolveCommands: boolean;
  /** undefined: HTTP is switched off. */
  readonly http?: HttpDoor | undefined;
  /** The functions of a program that embeds the server; absent for a daemon. */
  readonly program?: Program | undefined;
}

/** The documents that HTTP clients get beside the proxy. */
export interface HttpDoor {
  /** The file of /proxy.pac, with `{host}` in place of the address of this proxy; absent: there is none. */
  readonly pac?: string | undefined;
}

/** Decisions of a program that embeds the server about single requests. A daemon has none. */
export interface Program {
  /**
   * Asked once the request is whole and its client has a place: where the request goes from here. It may also change what the
   * handshake says about the way there. Rejects with why the client is refused, within the connect timeout.
   */
  readonly decide: (handshake: Handshake, destination: Destination) => Promise<Destination>;
  /**
   * Whether datagrams of an association may go to `destination`, as far as the program is concerned; absent: to all. Never
   * throws or rejects, and answers within the connect timeout.
   */
  readonly permit?:
    ((handshake: Handshake, destination: Destination) => boolean | Promise<boolean>) | undefined;
  /** The surroundings of one request, in the place of those `shared` by all. */
  readonly surroundingsOf: (handshake: Handshake, shared: Surroundings) => Surroundings;
}

/** Parts that all sessions of a server share and no reload replaces. */
export interface Surroundings {
  readonly transport: Transport;
  readonly resolver: Resolver;
  readonly report: Report;
  readonly logins: Logins;
  readonly datagrams: Datagrams;
  /** undefined: nothing is known of the host's TCP memory. */
  readonly readTcpMemory?: ReadTcpMemory;
  /** Hears of each session whose request is whole; absent: no metrics are kept. */
  readonly onRequest?: ((session: SessionFacts) => void) | undefined;
  /** Set by the server: when a client that holds much may go on while memory is short; undefined: at once. */
  readonly turnOf?: (client: Ip) => Promise<void> | undefined;
  /** undefined: it is the only process. */
  readonly fellow?: Fellow | undefined;
}

/**
 * The life of a session. Only server.ts moves it on.
 *
 *   accepted -> handshake -> executing -> relaying -> over
 *                   |            |                     ^
 *                   '------------'-- refused ----------'
 */
export type Stage =
  /** It has a place, and nothing has been read. */
  | { readonly stage: 'accepted'; readonly handshake: undefined; readonly activity: undefined }
  /** Until its request is whole: it may have to make room for others. */
  | { readonly stage: 'handshake'; readonly handshake: Handshake; readonly activity: undefined }
  /** The limits of who it is hold, and its command is at work. */
  | { readonly stage: 'executing'; readonly handshake: Handshake; readonly activity: undefined }
  /** It has its reply, and bytes flow. */
  | { readonly stage: 'relaying'; readonly handshake: undefined; readonly activity: Activity }
  | { readonly stage: 'over'; readonly handshake: undefined; readonly activity: undefined };

/** One client from accept to close. It lives as long as its connections, so it is small. */
export type Session = SessionParts & Stage;

interface SessionParts extends SessionFacts {
  /** Where it is counted. */
  readonly entry: Entry;
  /** Its places in the registry: among all sessions, and until its request is whole among the newcomers. */
  place: Link<Session> | undefined;
  newcomerPlace: Link<Session> | undefined;
  /** Among these, once they are sorted by network. */
  sortedPlace: number | undefined;
  /** Why we end it; undefined: we do not, or the daemon stops. */
  endReason: EndReason | undefined;
  /** Where it goes through proxies: to be called when it has ended. */
  leaveWay?: (() => void) | undefined;
}

/** Services of a server for its handshakes. */
export interface Home {
  /** To be called once the request is whole. Throws LIMIT_REACHED, or why the session has been called off. */
  readonly settle: (handshake: Handshake) => void;
  /** Once more, when the target has answered: throws LIMIT_REACHED where other processes have let in too many meanwhile. */
  readonly lookAgain: (handshake: Handshake) => void;
  /** Shared by all clients who wait with BIND. */
  readonly bindPlaces: BindPlaces;
  /** To be called when something had no room for this client, or for a peer of it: such faults are told together. */
  readonly crowdedOut: (client: Endpoint | undefined, fault: Fault) => void;
  /** Whether a client may ask for the next thing on the connection that it has. */
  readonly mayKeep: () => boolean;
  /** To be called with the handshake of a session that has ended, where its client may ask for the next thing on the same leg. */
  readonly again: (before: Handshake) => void;
}

/** The state of a session until its bytes flow. */
export class Handshake {
  readonly session: Session;
  readonly home: Home;
  /** A program may put one in its place that holds for this request alone. */
  snapshot: Snapshot;
  dialect: Dialect = UNSPOKEN;
  speaker: Speaker = LISTENER;
  /** The time limit of the handshake, then that of connecting. */
  deadline: Deadline;
  /** The limits of the relay to come. */
  relayLimits: RelayLimits;
  /** Where this request leaves from by the word of a program; undefined: as routes and users have it. */
  source: SourcePlan | undefined;
  /** REP for a client that a program refuses; undefined: that of the fault. */
  programRep: Rep | undefined;
  /** Of a client that had a session on this leg before: it is nobody's failure if nothing more comes. */
  readonly isKept: boolean;
  #leg: Leg;

  constructor(session: Session, leg: Leg, snapshot: Snapshot, home: Home, comes: 'new' | 'kept' = 'new') {
    this.isKept = comes === 'kept';
    this.session = session;
    this.home = home;
    this.snapshot = snapshot;
    this.relayLimits = snapshot.relayLimits;
    this.#leg = leg;
    this.deadline = new Deadline(snapshot.handshakeTimeoutMs, 'HANDSHAKE_TIMEOUT', session.startedAtMs);
    this.deadline.tell((fault) => this.#leg.abort(fault));
  }

  /** The stream to the client. After a wait it must be read anew: it may have been covered. */
  get leg(): Leg {
    return this.#leg;
  }

  /** From now on the client is spoken with through `leg`, which runs over the one before, owns it and closes it. */
  cover(leg: Leg): void {
    this.#leg = leg;
    const { ended } = this.deadline;
    if (ended !== undefined) leg.abort(ended);
  }
}
