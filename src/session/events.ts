// Events of sessions, for the listener of the server. Sessions know neither logs nor metrics.
import type { Fault } from '../base/fault.ts';
import type { Endpoint } from '../base/ip.ts';
import type { Ban } from '../policy/access/bans.ts';
import type { Identity } from '../policy/identity.ts';
import type { Destination } from '../protocol/address.ts';
import type { Rep } from '../protocol/codes.ts';
import type { ActivityEnd } from './activity.ts';
import type { Introduction } from './introduction.ts';

/** Why one session is ended from here. `stalled`: memory is short, and its receiver has not read for longest. */
export type EndReason = 'quota' | 'duration-limit' | 'kicked' | 'not-allowed' | 'stalled';

/** Why a session ended that had got its reply; `cut`: the daemon stops. */
export type SessionEndedBy = ActivityEnd['endedBy'] | EndReason;

/** How a client has said who it is, in the words of the metrics; `none`: it has not. */
export type LoginWord = 'none' | 'userpass' | 'chap' | 'gssapi' | 'basic' | 'certificate' | 'account';

/** Commands of clients, in the words of the log. */
export type SessionCommand = 'connect' | 'bind' | 'assoc' | 'resolve' | 'resolve-ptr' | 'pac';

/** The facts of a session so far; fields are filled in as the handshake goes on. */
export interface SessionFacts {
  readonly id: number;
  readonly client: Endpoint;
  readonly startedAtMs: number;
  identity: Identity | undefined;
  /** Absent: nothing of it is known yet. */
  method?: LoginWord | undefined;
  command: SessionCommand | undefined;
  destination: Destination | undefined;
  /** The endpoint that was dialled in the end; for BIND the peer that came. */
  dialled: Endpoint | undefined;
  /** The proxies on the way, `HOST:PORT,...`, nearest first; of several ways the one tried last. undefined: none. */
  via?: string | undefined;
  /** The listener, as it is bound; absent: it came by none. */
  listener?: string | undefined;
  /** The name of its dialect, once it is known. */
  dialect?: string | undefined;
  /** absent: SOCKS. */
  version?: 'http' | undefined;
  /** The status of an HTTP refusal. */
  status?: number | undefined;
  /** The balancer's endpoint; `client` is then the client that the balancer announces. undefined: there is no balancer. */
  introduction?: Introduction | undefined;
  /** With BIND: a proxy has looked up the expected host's name, so its addresses are unknown here. */
  isBoundByName?: boolean;
  /** Its messages are protected by the key of its ticket; absent: they go as they are. */
  isProtected?: true;
}

export type SessionEvent =
  | { readonly kind: 'accepted'; readonly session: SessionFacts }
  /**
   * Over maxSessions or descriptors, banned, or denied by tcp_wrappers: closed without a byte. Or LOGIN_BUSY: told that its login
   * failed. `count` since the last such event.
   */
  | {
      readonly kind: 'turnedAway';
      readonly client: Endpoint | undefined;
      readonly fault: Fault;
      readonly count: number;
    }
  | {
      readonly kind: 'loginFailed';
      readonly session: SessionFacts;
      /** The name as it was claimed; undefined: the login had none. */
      readonly user: string | undefined;
      readonly fault: Fault;
    }
  /** `failures` failed logins within the time that is set led to a ban, the last of them by `client`. */
  | {
      readonly kind: 'banned';
      readonly ban: Ban;
      readonly client: Endpoint;
      readonly failures: number;
    }
  /** BIND waits, or UDP is associated, at `bound`. */
  | {
      readonly kind: 'listening';
      readonly session: SessionFacts;
      readonly bound: Endpoint;
      /** The stages in which a client that came by TLS is spoken with in clear. */
      readonly clear?: 'datagrams' | undefined;
    }
  /** `count` came to the port of BIND who are not let in, `peer` last; the waiting goes on. */
  | {
      readonly kind: 'stranger';
      readonly session: SessionFacts;
      readonly peer: Endpoint;
      readonly fault: Fault;
      readonly count: number;
    }
  | { readonly kind: 'connected'; readonly session: SessionFacts; readonly bound: Endpoint }
  /** The session ended without a relay. `rep` is what the client was told, if anything. */
  | {
      readonly kind: 'refused';
      readonly session: SessionFacts;
      readonly fault: Fault;
      readonly rep: Rep | undefined;
    }
  | ({
      readonly kind: 'ended';
      readonly session: SessionFacts;
      readonly seconds: number;
      readonly endedBy: SessionEndedBy;
    } & Omit<ActivityEnd, 'endedBy'>);

export type Report = (event: SessionEvent) => void;
