// Session events as log records. docs/logging.md describes each; fields that it calls stable must not change here.
import { FAULTS, type Fault, type FaultCode } from '../base/fault.ts';
import { formatEndpoint, type Ip } from '../base/ip.ts';
import type { Ban } from '../policy/access/bans.ts';
import { formatDestination } from '../protocol/address.ts';
import type { Report, SessionEvent, SessionFacts } from '../session/events.ts';
import { isHidden } from '../session/introduction.ts';
import type { ClientNames } from './clientnames.ts';
import type { RecordLevel } from './lines/level.ts';
import type { RoomName } from './lines/line.ts';
import { countsText, type Fields } from './lines/record.ts';
import type { Log } from './log.ts';

/** The records of each event: name, level, and the room in which they wait for a slow reader. */
export const EVENTS = {
  accepted: { name: 'accepted', level: 'debug', room: 'rest' },
  turnedAway: { name: 'turned-away', level: 'warn', room: 'daemon' },
  loginFailed: { name: 'login-failed', level: 'warn', room: 'logins' },
  banned: { name: 'banned', level: 'warn', room: 'bans' },
  listening: { name: 'listening', level: 'debug', room: 'rest' },
  stranger: { name: 'stranger', level: 'info', room: 'rest' },
  connected: { name: 'connected', level: 'debug', room: 'rest' },
  refused: { name: 'refused', level: 'notice', room: 'rest' },
  ended: { name: 'ended', level: 'info', room: 'sessions' },
} as const satisfies Record<SessionEvent['kind'], EventRecords>;

interface EventRecords {
  readonly name: string;
  readonly level: RecordLevel;
  readonly room: RoomName;
}

/** Most UTF-16 units of a fault's cause. */
const MAX_DETAIL_UNITS = 200;

/** A session that reports here writes to `log`, with the name of the client where `names` knows it. */
export function reportTo(log: Log, names?: Pick<ClientNames, 'ask' | 'find'>): Report {
  return (event) => {
    if (event.kind === 'accepted') names?.ask(event.session.client.ip);
    const { name, room } = EVENTS[event.kind];
    const level = levelOf(event);
    if (!log.enabled(level)) return;
    const { fields, text } = describeEvent(event);
    const client = clientOf(event);
    const named = names === undefined || !('session' in event) ? fields : withName(fields, names, client);
    log.tell({ level, event: name, fields: named, text }, { room, client });
  };
}

/** Faults of this host are graver than those of clients. */
function levelOf(event: SessionEvent): RecordLevel {
  if (event.kind === 'turnedAway' && event.fault.code === 'LOGIN_UNCHECKED') return 'err';
  return isHealthCheck(event) ? 'debug' : EVENTS[event.kind].level;
}

/** A balancer that looks whether we answer, once a second perhaps, and leaves when it has heard what it wanted. */
function isHealthCheck(event: SessionEvent): boolean {
  return event.kind === 'refused' && isHidden(event.session) && LEAVING.includes(event.fault.code);
}

const LEAVING: readonly FaultCode[] = ['CLIENT_CLOSED', 'PEER_RESET', 'METHOD_UNACCEPTABLE'];

/** The name stands last, and is left out while it is unknown. */
function withName(fields: Fields, names: Pick<ClientNames, 'find'>, client: Ip | undefined): Fields {
  return { ...fields, name: client && names.find(client) };
}

/** undefined when the event is about no client, or about several. */
function clientOf(event: SessionEvent): Ip | undefined {
  if ('session' in event) return event.session.client.ip;
  return event.kind === 'banned' ? event.client.ip : undefined;
}

interface Described {
  readonly fields: Fields;
  readonly text?: string;
}

function describeEvent(event: SessionEvent): Described {
  switch (event.kind) {
    case 'accepted':
      return { fields: { ...factFields(event.session), ...balancerFields(event.session) } };
    case 'turnedAway': {
      const client = event.client && formatEndpoint(event.client);
      return faultParts(event.fault, { client, count: event.count });
    }
    case 'loginFailed':
      return describeLogin(event.session, event.user, event.fault);
    case 'banned':
      return { fields: banFields(event.ban, event.failures) };
    case 'listening':
      return {
        fields: {
          ...factFields(event.session),
          bound: formatEndpoint(event.bound),
          clear: event.clear,
        },
      };
    case 'connected':
      return { fields: { ...factFields(event.session), bound: formatEndpoint(event.bound) } };
    case 'stranger': {
      const { session, fault, count } = event;
      const peer = formatEndpoint(event.peer);
      return faultParts(fault, { ...factFields(session), peer, count });
    }
    case 'refused':
      return faultParts(event.fault, {
        ...factFields(event.session),
        rep: event.rep,
        status: event.session.status,
      });
    case 'ended':
      return { fields: { ...factFields(event.session), ...endFields(event) } };
  }
}

/** The client and the reason, which fail2ban matches, stand before the name that the client made up. */
function describeLogin(session: SessionFacts, user: string | undefined, fault: Fault): Described {
  const client = formatEndpoint(session.client);
  const { fields, text } = faultParts(fault, {});
  return { fields: { client, why: fault.code, id: session.id, user, ...fields }, text };
}

function banFields({ kind, name, lengthMs }: Ban, failures: number): Fields {
  return { [kind]: name, secs: Math.ceil(lengthMs / 1000), failures };
}

function faultParts(fault: Fault, fields: Fields): { readonly fields: Fields; readonly text: string } {
  return { fields: { ...fields, why: fault.code, detail: detailOf(fault) }, text: sentenceOf(fault) };
}

function endFields(event: Extract<SessionEvent, { kind: 'ended' }>): Fields {
  return {
    up: event.bytesUp,
    down: event.bytesDown,
    secs: Math.round(event.seconds * 1000) / 1000,
    why: event.endedBy,
    dropped: event.dropped && countsText(Object.entries(event.dropped)),
    detail: event.fault && (detailOf(event.fault) ?? FAULTS[event.fault.code]),
  };
}

/**
 * No `user` field for anonymous clients: a user may bear any name, but not none. A SOCKS4 user id proves nothing and must not
 * look like a user, so it has a field of its own.
 */
function factFields(session: SessionFacts): Fields {
  const { identity } = session;
  return {
    id: session.id,
    client: formatEndpoint(session.client),
    user: identity?.kind === 'user' ? identity.name : undefined,
    version: session.version,
    userid: identity?.kind === 'anonymous' ? identity.userId : undefined,
    cmd: session.command,
    dest: session.destination && formatDestination(session.destination),
    dialled: session.dialled && formatEndpoint(session.dialled),
    via: session.via,
  };
}

/** The balancer of the client, and the facts that it passes on. */
function balancerFields({ introduction }: SessionFacts): Fields {
  if (introduction === undefined) return {};
  const { balancer, extras } = introduction;
  return {
    balancer: formatEndpoint(balancer),
    sni: extras.authority,
    alpn: extras.alpn,
    uniqueid: extras.uniqueId,
    cert: extras.certificateName,
  };
}

function sentenceOf(fault: Fault): string {
  const sentence = FAULTS[fault.code];
  const advice = ADVICE[fault.code];
  return advice === undefined ? sentence : `${sentence}; ${advice}`;
}

/** Advice, for faults whose sentence alone does not tell what to do. */
const ADVICE: Partial<Record<FaultCode, string>> = {
  CLIENT_BANNED: '"pis5ctl unban ADDRESS" ends it, ban-allow spares those whom it never shall meet',
  GUARD_DENIED:
    'where clients shall get there, allow that address by a request rule, for example request = all:ADDRESS',
  SESSIONS_FULL: 'see maxconn, and who holds them: "pis5ctl sessions"',
  RESOURCES_EXHAUSTED: 'see "ulimit -n" of the daemon, maxconn, and the memory of this host',
  RESOLVER_FAILED:
    'ask the name servers of /etc/resolv.conf, or of resolver, for that name with "dig" or "host"',
  NETWORK_UNREACHABLE: '"ip route get ADDRESS" on this host says why',
  FAMILY_UNSUPPORTED: 'see family, and whether this host has an address of it: "ip address"',
  SOURCE_UNAVAILABLE: 'give source an address of that family that this host has: "ip address"',
  CONNECT_FORBIDDEN:
    'a packet filter or security module of this host says so, or device and mark need rights that it lacks',
  PROXY_LOGIN_FAILED: 'see the line of that proxy in proxy-auth',
  PORT_UNAVAILABLE: 'see bind-ports and udp-ports, and who has them: "ss -tulnp"',
  PROXY_HEADER_UNTRUSTED: 'where it is a balancer of yours, add its address to proxy-protocol',
  CLIENT_HIDDEN:
    'where clients of a balancer shall be served of which it does not say who they are, admit its address by network',
  CLIENT_NOT_LOCAL:
    'to serve others set network, for example network = 192.0.2.0/24, or network = * for everybody',
  LOGIN_EMPTY:
    'it is no guess and bans nobody: give that client its password, or let it in without one (anonymous, whitelist)',
  LOGIN_LOCKED: 'it is no guess and bans nobody: "pis5user unlock" and a reload let the user in again',
  LOGIN_EXPIRED:
    'it is no guess and bans nobody: "pis5user expire" and a reload set another day, chage(1) and a restart that of ' +
    'an account of this host',
  LOGIN_UNCHECKED:
    'right passwords are refused until that is mended: set the password of a damaged entry again, and where threads ' +
    'cannot start, restart the daemon, which then says what it needs',
};

/** The system's word for it: an error's code and message, never its stack. */
export function detailOf(fault: Fault): string | undefined {
  const { cause } = fault;
  if (cause === undefined) return undefined;
  const text = cause instanceof Error ? errorText(cause) : typeof cause === 'string' ? cause : undefined;
  return text?.slice(0, MAX_DETAIL_UNITS);
}

function errorText(error: NodeJS.ErrnoException): string {
  const { code, message } = error;
  return code === undefined || message.includes(code) ? message : `${code} ${message}`.trimEnd();
}
