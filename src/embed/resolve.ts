// The resolve() of a program, which says which addresses a name has. It is asked each time, and about each name.
import { Deadline } from '../base/deadline.ts';
import { Fault } from '../base/fault.ts';
import { familyOf, parseIp, unmapIp, type Ip } from '../base/ip.ts';
import type { Answer } from '../net/dns/namesource.ts';
import { judge, judgeByAsking } from '../net/names/objections.ts';
import type { FamilyObjection, NameLookup, Resolver } from '../net/names/resolve.ts';
import type { Session } from '../session/session.ts';
import type { Resolve } from './callbacks.ts';
import type { Calls } from './calls.ts';
import { errnoOf, noAnswer } from './failure.ts';

/** As many as are taken of an answer of a name server. */
const MAX_ADDRESSES = 16;

interface ResolvePlan {
  readonly resolve: Resolve;
  readonly calls: Calls;
  readonly session: Session;
  readonly timeoutMs: number;
}

/** `resolver` for one session, whose names `resolve` looks up; names of addresses stay the resolver's. */
export function resolvedBy(plan: ResolvePlan, resolver: Resolver): Resolver {
  return {
    completions: (name) => [name],
    lookup: (name, _client, objection) => lookup(plan, name, objection),
    reverse: (...asked) => resolver.reverse(...asked),
    close: () => resolver.close(),
  };
}

function lookup(plan: ResolvePlan, name: string, objection: FamilyObjection = () => undefined): NameLookup {
  const objections = { 6: objection(6), 4: objection(4) };
  const told = judge({ ipv6: undefined, ipv4: undefined }, objections);
  let asked: Promise<AnswerByFamily> | undefined;
  const ask = async (family: 4 | 6): Promise<Answer> => (await (asked ??= askOnce(plan, name)))[family];
  const both = { 6: () => ask(6), 4: () => ask(4) };
  return {
    ipv6: told.ipv6 ?? judgeByAsking(both, 6, objections),
    ipv4: told.ipv4 ?? judgeByAsking(both, 4, objections),
  };
}

type AnswerByFamily = Readonly<Record<4 | 6, Answer>>;

/** Never rejects. */
async function askOnce(plan: ResolvePlan, name: string): Promise<AnswerByFamily> {
  const { resolve, calls, session, timeoutMs } = plan;
  const deadline = new Deadline(timeoutMs, 'RESOLVER_FAILED');
  try {
    const ips = await calls.run({
      name: 'resolve',
      client: session.client.ip,
      deadline,
      start: async ({ signal }) => {
        try {
          return await resolve(name, { session, signal });
        } catch (thrown) {
          throw resolverError(thrown);
        }
      },
      read: readAnswerAddresses,
      failing: 'REQUEST_DENIED',
      crowded: 'RESOLVER_BUSY',
    });
    if (ips.length === 0) throw new Fault('NAME_NOT_FOUND');
    return { 6: ips.filter((ip) => familyOf(ip) === 6), 4: ips.filter((ip) => familyOf(ip) === 4) };
  } catch (thrown) {
    const fault = thrown as Fault;
    return { 6: fault, 4: fault };
  } finally {
    deadline.clear();
  }
}

/** Errors as node:dns has them mean what they say; EAI_AGAIN comes from getaddrinfo(3). */
function resolverError(thrown: unknown): unknown {
  const errno = errnoOf(thrown);
  if (errno === undefined) return thrown;
  return new Fault(['ENOTFOUND', 'ENODATA'].includes(errno) ? 'NAME_NOT_FOUND' : 'RESOLVER_FAILED', thrown);
}

function readAnswerAddresses(answer: unknown): readonly Ip[] {
  if (!Array.isArray(answer)) throw noAnswer('a list of addresses', answer);
  return answer.slice(0, MAX_ADDRESSES).map((text: unknown) => {
    const ip = typeof text === 'string' ? parseIp(text) : undefined;
    if (ip === undefined) throw noAnswer('an address', text);
    return unmapIp(ip);
  });
}
