// Session events as log records. docs/logging.md describes each; what it calls stable must not change here.
import { FAULTS, type Fault } from '../base/fault.ts';
import { formatEndpoint } from '../base/ip.ts';
import { formatDestination } from '../protocol/address.ts';
import type { Ban } from '../policy/bans.ts';
import type { Report, SessionEvent, SessionFacts } from '../session/events.ts';
import type { ClientNames } from './clientnames.ts';
import type { Log } from './log.ts';
import type { RecordLevel } from './level.ts';
import type { Fields } from './record.ts';

const LEVELS = {
  accepted: 'debug',
  turnedAway: 'warn',
  loginFailed: 'warn',
  banned: 'warn',
  listening: 'debug',
  stranger: 'info',
  connected: 'debug',
  refused: 'notice',
  ended: 'info',
} as const satisfies Record<SessionEvent['kind'], RecordLevel>;

/** Most UTF-16 units of a fault's cause. */
const MAX_DETAIL_UNITS = 200;

/** A session that reports here writes to `log`, with the name of the client where `names` knows it. */
export function reportTo(log: Log, names?: Pick<ClientNames, 'ask' | 'find'>): Report {
  return (event) => {
    if (event.kind === 'accepted') names?.ask(event.session.client.ip);
    const level = LEVELS[event.kind];
    if (!log.enabled(level)) return;
    const { name, fields, text } = describe(event);
    log.write(level, name, { ...fields, name: names && nameIn(event, names) }, text);
  };
}

/** undefined: it is about no session, or nobody knows. */
function nameIn(event: SessionEvent, names: Pick<ClientNames, 'find'>): string | undefined {
  return 'session' in event ? names.find(event.session.client.ip) : undefined;
}

interface Described {
  readonly name: string;
  readonly fields: Fields;
  readonly text?: string;
}

function describe(event: SessionEvent): Described {
  switch (event.kind) {
    case 'accepted':
      return { name: 'accepted', fields: factFields(event.session) };
    case 'turnedAway': {
      const client = event.client && formatEndpoint(event.client);
      return { name: 'turned-away', ...faultParts(event.fault, { client, count: event.count }) };
    }
    case 'loginFailed':
      return describeLogin(event.session, event.user, event.fault);
    case 'banned':
      return { name: 'banned', fields: banFields(event.ban, event.failures) };
    case 'listening':
    case 'connected':
      return {
        name: event.kind,
        fields: { ...factFields(event.session), bound: formatEndpoint(event.bound) },
      };
    case 'stranger': {
      const { session, fault, count } = event;
      const peer = formatEndpoint(event.peer);
      return { name: 'stranger', ...faultParts(fault, { ...factFields(session), peer, count }) };
    }
    case 'refused':
      return {
        name: 'refused',
        ...faultParts(event.fault, { ...factFields(event.session), rep: event.rep }),
      };
    case 'ended':
      return { name: 'ended', fields: { ...factFields(event.session), ...endFields(event) } };
  }
}

/** The client and the reason, which fail2ban matches, stand before the name that the client made up. */
function describeLogin(session: SessionFacts, user: string, fault: Fault): Described {
  const client = formatEndpoint(session.client);
  const { fields, text } = faultParts(fault, {});
  return { name: 'login-failed', fields: { client, why: fault.code, id: session.id, user, ...fields }, text };
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
    dropped: event.dropped && countsText(event.dropped),
    detail: event.fault && (detailOf(event.fault) ?? FAULTS[event.fault.code]),
  };
}

/** `denied:3,stranger:1`. */
function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([reason, count]) => `${reason}:${count}`)
    .join(',');
}

/**
 * No `user` field for anonymous clients: a user may bear any name, but not none. What a SOCKS4 client calls itself
 * proves nothing and must not look like a user, so it has a field of its own.
 */
function factFields(session: SessionFacts): Fields {
  const { identity } = session;
  return {
    id: session.id,
    client: formatEndpoint(session.client),
    user: identity?.kind === 'user' ? identity.name : undefined,
    userid: identity?.kind === 'anonymous' ? identity.userId : undefined,
    cmd: session.command,
    dest: session.destination && formatDestination(session.destination),
    dialled: session.dialled && formatEndpoint(session.dialled),
    via: session.via,
  };
}

function sentenceOf(fault: Fault): string {
  const sentence = FAULTS[fault.code];
  return fault.code === 'CLIENT_NOT_LOCAL'
    ? `${sentence}; to serve others set network, for example network = 192.0.2.0/24, or network = * for everybody`
    : sentence;
}

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
