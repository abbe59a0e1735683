// A whole configuration as one immutable value. config/options/options.ts declares where each field comes from.
import type { Cidr, Ip } from '../../base/ip.ts';
import type { AuthChoice } from './auth.ts';
import type * as choices from './choices.ts';
import type { AccountingFormat, AccountingTarget } from './accounting.ts';
import type { FleetFields } from './fleet.ts';
import type { LimitRule } from './limit.ts';
import type { ListenAddress } from './listen.ts';
import type { Route, SourcePlan } from './route.ts';
import type { NetworkRule, PortRange, RequestRule } from './rule.ts';
import type { ProxyUser, TlsClient, TlsUser } from './tls.ts';
import type { PageChoice, WebAddress } from './webaddress.ts';

export type {
  ConfineChoice,
  FamilyChoice,
  GssapiProtection,
  LogFormat,
  LogLevel,
  LogMode,
  MethodOrder,
  Recheck,
  ResolverChoice,
  SyslogTarget,
  TransportChoice,
} from './choices.ts';
export type { AskedSource, AuthChoice, AuthSource } from './auth.ts';
export type { ListenAddress, UnixSocket } from './listen.ts';
export type { Origin, Problem } from './origin.ts';
export type { Route, SourcePlan, SourcePolicy, SourcePool } from './route.ts';
export type {
  AddressSpan,
  Conditions,
  NetworkRule,
  Place,
  PortRange,
  RequestCommand,
  RequestRule,
  TimeSpan,
  WordPattern,
} from './rule.ts';
export type { Hop, HopProtocol, RoutePick, Way } from './way.ts';

/** Ports for BIND and UDP; `ephemeral`: ports that the kernel chooses. */
export type Ports = PortRange | 'ephemeral';

/** The rules of one `[section]`: of a group, of `[user NAME]`, of `[*]`; the nameless section is the global one. */
export interface Section {
  readonly name: string;
  /** Section to ask when a list here is empty; undefined: the global one. */
  readonly base: string | undefined;
  readonly network: readonly NetworkRule[];
  readonly request: readonly RequestRule[];
  /** undefined: as in the global section; there, the system's choice. */
  readonly source?: SourcePlan | undefined;
}

/** `auto`: those that the name server knows (RFC 7050). `none`: none, and it is not asked. */
export type Nat64Prefix = Cidr | 'auto' | 'none';

/** 6rd (RFC 5969): IPv6 addresses of `block` carry, right after it, IPv4 ones without the bits of `common`. */
export interface SixRdPrefix {
  readonly block: Cidr;
  readonly common: Cidr;
}

export interface Config extends FleetFields {
  readonly listen: readonly ListenAddress[];
  /** Files of certificates, and of their keys in the same order; no key file at all: the keys are with the certificates. */
  readonly tlsCert: readonly string[];
  readonly tlsKey: readonly string[];
  readonly tlsMin: '1.2' | '1.3';
  /** File of the CAs of client certificates. */
  readonly tlsClientCa: string | undefined;
  readonly tlsClient: TlsClient;
  readonly tlsUser: TlsUser;
  /** Balancers, which announce their clients by the PROXY protocol. */
  readonly proxyProtocol: readonly Cidr[];
  /** The part of a client certificate, checked by a balancer, that names the user. */
  readonly proxyUser: ProxyUser;
  readonly auth: readonly AuthChoice[];
  /** Whether the next source of users is asked where one cannot answer. */
  readonly authFallback: boolean;
  /** How long a source of users may take for an answer, and how long that holds. */
  readonly authTimeoutMs: number;
  readonly authCacheMs: number;
  /** Processes of a program that is asked about logins; the questions that each has at a time, 0 for one without a channel. */
  readonly helperChildren: number;
  readonly helperConcurrency: number;
  /** Where and how users, and their groups, are searched in a directory. */
  readonly ldapBase: string | undefined;
  readonly ldapUserFilter: string;
  /** An attribute of the user's entry, or a filter for entries of groups. */
  readonly ldapGroup: string | undefined;
  /** The DN that searches, and the file with its password. */
  readonly ldapBind: string | undefined;
  readonly ldapPasswordFile: string | undefined;
  readonly ldapStartTls: boolean;
  readonly ldapCa: string | undefined;
  /** The service and realm that saslauthd is told beside the login. */
  readonly saslauthdService: string;
  readonly saslauthdRealm: string | undefined;
  /** The account that these run as; undefined: that of the daemon. */
  readonly helperAs: string | undefined;
  readonly anonymous: boolean;
  /** Whether the account of a client of a Unix socket is its login. */
  readonly unixUser: boolean;
  /** Clients that need not log in. */
  readonly whitelist: readonly Cidr[];
  /** Prefixes of NAT64 translators (RFC 6052). */
  readonly nat64Prefixes: readonly Nat64Prefix[];
  readonly sixRdPrefixes: readonly SixRdPrefix[];
  /** How long a client need not log in again after a login; 0: it always has to. */
  readonly authOnceMs: number;
  /** The side whose order of login methods counts, when a client offers several that would do. */
  readonly methodOrder: choices.MethodOrder;
  /** File of the keys by which tickets of Kerberos are read; undefined: nobody logs in with one. */
  readonly gssapiKeytab: string | undefined;
  readonly gssapiProtection: choices.GssapiProtection;
  /** The realm whose users are named without it. */
  readonly gssapiRealm: string | undefined;
  /** The account of the process that reads tickets. */
  readonly gssapiUser: string;
  /** Whether /etc/hosts.allow and /etc/hosts.deny are asked about clients. */
  readonly tcpWrappers: boolean;
  /** The name of this daemon in those files. */
  readonly tcpWrappersName: string;
  /** Failed logins that make a ban; 0: none does. */
  readonly banAfter: number;
  readonly banWindowMs: number;
  /** The length of the first ban; each further one is twice as long, up to `banLongestMs`. */
  readonly banTimeMs: number;
  readonly banLongestMs: number;
  /** Clients that are never banned. */
  readonly banAllow: readonly Cidr[];
  /** How late a failed login is answered; 0: at once. */
  readonly tarpitMs: number;
  readonly allowPlaintext: boolean;
  /** Addresses for BIND, as written: addresses, names or `@INTERFACE`. */
  readonly bind: readonly string[];
  readonly bindPorts: Ports;
  readonly bindTimeoutMs: number;
  /** Addresses in replies in place of this host's own, at most one per family. */
  readonly publicAddress: readonly Ip[];
  readonly udpPorts: Ports;
  readonly udpIdleTimeoutMs: number;
  /** For one association, like the next three; 0: no limit. */
  readonly udpMaxPeers: number;
  /** For all associations together; 0: no limit. */
  readonly udpMaxPeersTotal: number;
  readonly udpPacketsPerSecond: number;
  /** Bytes to a peer that has not answered yet. */
  readonly udpUnansweredBytes: number;
  /** Bytes to a peer for each byte that it sent, beyond the unanswered ones. */
  readonly udpReplyRatio: number;
  readonly resolveCommands: boolean;
  readonly http: boolean;
  /** `generated`, or a file. */
  readonly pac: string | undefined;
  /** 0: no limit but the descriptors. */
  readonly maxSessions: number;
  /** 0: no limit. */
  readonly stalledBytes: number;
  readonly limits: readonly LimitRule[];
  readonly handshakeTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly halfClosedTimeoutMs: number;
  readonly drainMs: number;
  /** The global section: rules outside every named section. */
  readonly rules: Section;
  /** Named sections; `*` holds the rules of anonymous and group-less users. */
  readonly sections: ReadonlyMap<string, Section>;
  readonly recheck: choices.Recheck;
  readonly family: choices.FamilyChoice;
  readonly resolver: choices.ResolverChoice;
  /** The first that matches a destination says how it is reached; none: straight there. */
  readonly routes: readonly Route[];
  /** File of the logins at proxies. */
  readonly proxyAuth: string | undefined;
  /** File of the CAs of proxies over TLS; undefined: those that the system trusts. */
  readonly proxyCa: string | undefined;
  readonly transport: choices.TransportChoice;
  /** 0: one for each processor. */
  readonly relayThreads: number;
  /** 0: no probes. */
  readonly keepAliveMs: number;
  /** Interface of outgoing connections. */
  readonly device: string | undefined;
  readonly mark: number | undefined;
  readonly typeOfService: number | undefined;
  readonly fastOpen: boolean;
  readonly freeBind: boolean;
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly chroot: string | undefined;
  readonly confine: choices.ConfineChoice;
  readonly foreground: boolean;
  /** Processes that serve; 0: one for each processor. */
  readonly workers: number;
  /** Whether standard input is the one client, and there are no listeners. */
  readonly inetd: boolean;
  readonly pidFile: string | undefined;
  /** Unix socket at which the daemon is asked and told. */
  readonly control: string | undefined;
  /** The address at which health checks are answered over HTTP. */
  readonly ready: WebAddress | undefined;
  /** The address at which the metrics are read over HTTP. */
  readonly metrics: WebAddress | undefined;
  /** Who may see the page at that address; undefined: there is no page. */
  readonly page: PageChoice | undefined;
  /** Where records of sessions for accounts go. */
  readonly accounting: AccountingTarget | undefined;
  readonly accountingFormat: AccountingFormat;
  /** Between the records of a session that goes on; 0: none but at midnight. */
  readonly accountingIntervalMs: number;
  /** Take the listeners of the daemon at `control`. */
  readonly takeover: boolean;
  readonly stateFile: string | undefined;
  readonly logMode: choices.LogMode;
  readonly logLevel: choices.LogLevel;
  readonly logFormat: choices.LogFormat;
  /** Whether records have the names of clients. */
  readonly logNames: boolean;
  readonly syslog: choices.SyslogTarget;
}
