// Callbacks of a program that embeds the server, and their answers.
import type { Duplex } from 'node:stream';
import type { Endpoint, Ip } from '../base/ip.ts';
import type { Destination } from '../protocol/address.ts';
import type { Rep } from '../protocol/codes.ts';
import type { SessionFacts } from '../session/events.ts';

/** The argument of each function beside its subject. */
export interface Asked {
  /** Aborted when the answer is no longer awaited: the client has gone, or the time is over. */
  readonly signal: AbortSignal;
}

export interface AskedOfSession extends Asked {
  readonly session: Readonly<SessionFacts>;
}

export interface AskedDecision extends Asked {
  /** `request`: what the client has asked for. `datagram`: a new target of its UDP association. */
  readonly what: 'request' | 'datagram';
}

export interface AskedDial extends AskedOfSession {
  /** The address to leave from; undefined: the system's choice. */
  readonly source: Ip | undefined;
}

/** Says whether a client may log in. */
export type Authenticate = (
  user: string,
  password: string,
  client: string,
  asked: Asked,
) => boolean | Promise<boolean>;

/** Decides about a request. */
export type Decide = (
  session: Readonly<SessionFacts>,
  destination: Destination,
  asked: AskedDecision,
) => Decision | Promise<Decision>;

/** Gives a stream that leads to `endpoint`, which the rules have allowed. */
export type Dial = (endpoint: Endpoint, asked: AskedDial) => Duplex | Promise<Duplex>;

/** Gives the addresses of a name; none where there is no such name. */
export type Resolve = (name: string, asked: AskedOfSession) => readonly string[] | Promise<readonly string[]>;

/** Our login at a proxy; undefined: none. */
export type GiveProxyLogin = (proxy: Proxy) => ProxyLogin | undefined;

/** The answer of decide(). `true`: as the options say. `false`: REP 2. */
export type Decision = boolean | Denial | Allowance;

export interface Denial {
  readonly kind: 'deny';
  /** The REP of the reply, a failure of RFC 1928 section 6; by default 2, not allowed. */
  readonly reply?: Exclude<Rep, 0>;
}

/** An absent field stays as the client or the options have it. The rules and the guard are asked all the same. */
export interface Allowance {
  readonly kind: 'allow';
  /** The destination to use instead. */
  readonly destination?: Destination | { readonly host: string; readonly port: number };
  /** Lines as in the option `routes`, in their place. */
  readonly route?: string | readonly string[];
  /**
   * Proxies in place of the routes, the nearest first: `socks5://user:password@proxy.example.net:1080`; also `socks`, `socks4`,
   * `http`, and over TLS `https` and `socks5s`. Without any it goes straight there.
   */
  readonly upstream?: string | readonly string[];
  /** Source addresses, as in the option `source`. */
  readonly source?: string | readonly string[];
}

/** A proxy of a route. */
export interface Proxy {
  /** An address, or a name in lower case. */
  readonly host: string;
  readonly port: number;
}

export interface ProxyLogin {
  readonly user: string;
  readonly password: string;
}
