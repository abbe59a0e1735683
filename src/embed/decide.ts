// The decide() of a program, asked about each request and each new target of an association. The rules and the guard are asked
// afterwards, about the decided destination: what they forbid stays forbidden.
import { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import { destinationOf, formatDestination, type Destination } from '../protocol/address.ts';
import { REP } from '../protocol/codes.ts';
import type { Handshake } from '../session/session.ts';
import type { Allowance, Decide, Decision, Denial } from './callbacks.ts';
import type { Calls } from './calls.ts';
import { noAnswer } from './failure.ts';
import type { Detours } from './detours.ts';

export interface DecidePlan {
  readonly decide: Decide;
  readonly calls: Calls;
  readonly detours: Detours;
}

/** As Program.decide. */
export async function decideRequest(
  { decide, calls, detours }: DecidePlan,
  handshake: Handshake,
  destination: Destination,
): Promise<Destination> {
  const { session, snapshot, leg } = handshake;
  const deadline = new Deadline(snapshot.connectTimeoutMs, 'CONNECT_TIMEOUT');
  handshake.deadline = deadline;
  leg.whenReset((fault) => deadline.end(fault));
  try {
    return await calls.run({
      name: 'decide',
      client: session.client.ip,
      deadline,
      start: ({ signal }) => decide(session, destination, { what: 'request', signal }),
      read: (answer) => followDecision(readDecision(answer), { handshake, destination, detours }),
      failing: 'REQUEST_DENIED',
      crowded: 'LIMIT_REACHED',
    });
  } catch (fault) {
    throw fault === deadline.ended && deadline.ended?.code === 'CONNECT_TIMEOUT' ? notAnswered() : fault;
  } finally {
    deadline.clear();
  }
}

function notAnswered(): Fault {
  return new Fault('REQUEST_DENIED', 'decide() has not answered within the connect timeout');
}

interface OpenDecision {
  readonly handshake: Handshake;
  readonly destination: Destination;
  readonly detours: Detours;
}

/**
 * The destination after the decision. Throws REQUEST_DENIED, or TypeError when the decision cannot be followed; nothing has
 * changed then.
 */
function followDecision(
  decision: Denial | Allowance,
  { handshake, destination, detours }: OpenDecision,
): Destination {
  if (decision.kind === 'deny') {
    handshake.programRep = decision.reply;
    throw new Fault('REQUEST_DENIED', 'decide() says no');
  }
  const goal = goalOf(decision, handshake, destination);
  const { routing, source } = detours.of(decision, handshake.snapshot.routing);
  handshake.snapshot = { ...handshake.snapshot, routing };
  handshake.source = source;
  return goal;
}

function goalOf({ destination: said }: Allowance, { session }: Handshake, asked: Destination): Destination {
  if (said === undefined) return asked;
  if (session.command === 'assoc')
    throw new TypeError('UDP ASSOCIATE has no destination that could be another one');
  const { host, name, ip, port } = said as Readonly<Record<string, unknown>>;
  const text = host ?? name ?? ip;
  const goal = typeof text === 'string' && isPortNumber(port) ? destinationOf(text, port) : undefined;
  if (goal === undefined) throw noAnswer('a destination with a host and a port', said);
  return goal;
}

function isPortNumber(port: unknown): port is number {
  return typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535;
}

const KEYS = {
  deny: ['kind', 'reply'],
  allow: ['kind', 'destination', 'route', 'upstream', 'source'],
} as const;

/** Throws TypeError when the answer is no decision: a slip must not let a client through. */
function readDecision(answer: unknown): Denial | Allowance {
  if (answer === true) return { kind: 'allow' };
  if (answer === false) return { kind: 'deny' };
  const { kind } = (answer ?? {}) as Partial<Exclude<Decision, boolean>>;
  if (kind !== 'allow' && kind !== 'deny')
    throw noAnswer('a decision: true, false, or { kind, ... }', answer);
  const known: readonly string[] = KEYS[kind];
  const strange = Object.keys(answer as object).find((key) => !known.includes(key));
  if (strange !== undefined) throw new TypeError(`a decision of kind "${kind}" has no "${strange}"`);
  if (kind === 'deny') mustBeReply((answer as Denial).reply);
  return answer as Denial | Allowance;
}

function mustBeReply(reply: unknown): void {
  const known: readonly unknown[] = Object.values(REP);
  if (reply === undefined || (reply !== REP.SUCCEEDED && known.includes(reply))) return;
  throw noAnswer('a failure of RFC 1928 section 6, 1 to 8', reply);
}

/** Targets of one association that were denied, of which the program is not asked again at once. */
const MAX_DENIED = 256;

/** As Program.permit. Only yes and no count: the way there is that of the association. */
export class Permits {
  readonly #plan: Omit<DecidePlan, 'detours'>;
  readonly #denied = new WeakMap<Handshake, Set<string>>();

  constructor(plan: Omit<DecidePlan, 'detours'>) {
    this.#plan = plan;
  }

  permit(handshake: Handshake, destination: Destination): boolean | Promise<boolean> {
    const denied = this.#denied.get(handshake) ?? new Set();
    this.#denied.set(handshake, denied);
    const key = formatDestination(destination);
    if (denied.has(key)) return false;
    const deny = (): boolean => {
      for (const oldest of denied) {
        if (denied.size < MAX_DENIED) break;
        denied.delete(oldest);
      }
      denied.add(key);
      return false;
    };
    try {
      const answer = this.#ask(handshake, destination);
      return answer instanceof Promise ? answer.then((is) => is || deny(), deny) : answer || deny();
    } catch {
      return deny();
    }
  }

  #ask({ session, snapshot }: Handshake, destination: Destination): boolean | Promise<boolean> {
    const { decide, calls } = this.#plan;
    const deadline = new Deadline(snapshot.connectTimeoutMs, 'CONNECT_TIMEOUT');
    const answer = calls.run({
      name: 'decide',
      client: session.client.ip,
      deadline,
      start: ({ signal }) => decide(session, destination, { what: 'datagram', signal }),
      read: isPlainYes,
      failing: 'REQUEST_DENIED',
      crowded: 'LIMIT_REACHED',
    });
    if (!(answer instanceof Promise)) deadline.clear();
    return answer instanceof Promise ? answer.finally(() => deadline.clear()) : answer;
  }
}

/** Whether the answer is plain yes: a datagram cannot take another destination or route than its association. */
function isPlainYes(answer: unknown): boolean {
  const decision = readDecision(answer);
  return decision.kind === 'allow' && Object.keys(decision).length === 1;
}
