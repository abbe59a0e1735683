// --explain: what the rules say at each stage of a session that does not take place. The answers come from the same
// functions that sessions ask.
import type { User } from '../../auth/files/users.ts';
import { byteString } from '../../base/bytes.ts';
import { FAULTS } from '../../base/fault.ts';
import type { Ip } from '../../base/ip.ts';
import type { Config } from '../../config/model/config.ts';
import { DAYS } from '../../config/values/timespan.ts';
import { createResolver } from '../../net/names/resolve.ts';
import { openOwn } from '../../net/native/hostaddresses.ts';
import { isListed, isTrustedIn } from '../../policy/blocks.ts';
import type { Identity } from '../../policy/identity.ts';
import { guard } from '../../policy/rules/guard.ts';
import { checkpointsOf, LOGIN_REQUIRED } from '../../policy/itinerary/admission.ts';
import { admitHeading, isForAnybody, type Heading } from '../../policy/itinerary/itinerary.ts';
import { compileRoutes, type RouteTable } from '../../policy/itinerary/routes.ts';
import { admitRequest, type Asking, type Policy, type Ruling } from '../../policy/rules/rules.ts';
import { formatDestination } from '../../protocol/address.ts';
import { policyOf } from '../../session/snapshot.ts';
import { findNative } from '../host/transport.ts';
import { EXIT, StartFailure, type ExitStatus } from '../unix/exit.ts';
import { describeSearch, lookUpInTurn, namesMeant, type NameResolver } from './explainname.ts';
import { whyNotBy, withAccount } from './explainlistener.ts';
import { directionOf, explainRoutes, isLost, type Direction } from './explainroute.ts';
import { parseQuery, type Query } from './query.ts';

export interface Explanation {
  /** Lines: the question, one for each stage, the result. */
  readonly text: string;
  /** OK or DENIED. */
  readonly status: ExitStatus;
}

/** One decision, and why it is so. */
interface ExplainedStage {
  readonly title: string;
  readonly verdict: Ruling['verdict'];
  readonly why: string;
}

type KnownUser = Pick<User, 'group' | 'isLocked' | 'validUntilMs'>;

/** Users, with nothing but their groups. */
interface ExplainedUsers {
  readonly byName: ReadonlyMap<string, KnownUser>;
}

/** The sources of an answer. */
interface AnswerSources {
  readonly config: Config;
  readonly users: ExplainedUsers;
  /** That of the configuration unless it is given. */
  readonly resolver?: NameResolver;
}

/** Answers `text`; rejects with a StartFailure of USAGE where it is no question. */
export async function explain(
  text: string,
  { config, users, resolver = createResolver(config.resolver) }: AnswerSources,
): Promise<Explanation> {
  const parsed = parseQuery(text, new Date());
  if (parsed.kind === 'wrong') throw new StartFailure(EXIT.USAGE, `--explain: ${parsed.why}`);
  const why = whyNotBy(parsed.value, config);
  if (why !== undefined) throw new StartFailure(EXIT.USAGE, `--explain: ${why}`);
  const query = withAccount(parsed.value, config, users);
  const policy = {
    ...policyOf(config, {
      own: openOwn(findNative().addon, () => undefined),
      found: { carriers: [] },
      hasUsers: config.auth.length > 0,
    }),
    now: () => query.time,
  };
  const isBalancer = isTrustedIn(config.proxyProtocol, query.client);
  const asked = { ...askingOfQuery(query, users), isHidden: isBalancer };
  const ofClient = stagesOfClient(policy, asked, config);
  const meaning = { policy, table: compileRoutes(config.routes), resolver };
  const names = namesMeant(asked, meaning);
  const isSought = query.ip === 'lookup' && isAllowed(ofClient);
  const found = isSought ? await lookUpInTurn(names, meaning, config.connectTimeoutMs) : undefined;
  resolver.close();
  const given = query.ip === 'lookup' ? [] : query.ip;
  const decided = decide(policy, meaning.table, {
    asking: found?.asking ?? names[0] ?? asked,
    addresses: found?.addresses ?? given,
    ofClient,
  });
  const lines = [
    describeQuery(query, users, asked.identity),
    ...describeSearch(asked, names),
    ...(isBalancer ? [OF_BALANCER] : []),
    ...decided.lines,
    ...(config.tcpWrappers ? [hostsNotAsked(config)] : []),
    decided.result,
  ];
  const isRefused = REFUSALS.includes(decided.result);
  return { text: `${lines.join('\n')}\n`, status: isRefused ? EXIT.DENIED : EXIT.OK };
}

const OF_BALANCER =
  '  header: it is a balancer (proxy-protocol): this is about a client of which it does not say who it is; ask for others with ' +
  'client= of their own';

/** A question about one name or address. */
interface Case {
  readonly asking: Asking;
  /** The known addresses of its name. */
  readonly addresses: readonly Ip[];
  readonly ofClient: readonly ExplainedStage[];
}

function decide(
  policy: Policy,
  table: RouteTable,
  { asking, addresses: known, ofClient }: Case,
): { readonly lines: readonly string[]; readonly result: string } {
  const direction = directionOf(table, asking);
  const stages = [...ofClient, ...stagesOfHeading(policy, asking, direction.heading)];
  const isIn = isAllowed(stages);
  const addresses = isIn && direction.heading.kind !== 'remote' ? known : [];
  const ofAddresses = addresses.map((ip) => stageOfAddress(policy, asking, ip));
  // A session uses one of the addresses that are allowed.
  const allowed = addresses.filter((_, at) => ofAddresses[at]?.verdict === 'allow');
  const isDenied = !isIn || (addresses.length > 0 && allowed.length === 0);
  const lines = [...stages, ...ofAddresses].map(formatStage);
  return isDenied
    ? { lines, result: 'denied' }
    : {
        lines: [...lines, ...explainRoutes(direction, asking, addresses)],
        result: resultByRoutes(direction, asking, allowed),
      };
}

const REFUSALS: readonly string[] = ['denied', 'dropped'];

const OPEN =
  'allowed, unless the address is denied: add ip=ADDRESS, or ip=lookup for a name, to ask about that, too';

/** The result of a request that the rules allow. */
function resultByRoutes(direction: Direction, asking: Asking, addresses: readonly Ip[]): string {
  if (isLost(direction, asking, addresses)) return 'dropped';
  return addresses.length === 0 && direction.heading.kind === 'look-up' ? OPEN : 'allowed';
}

function hostsNotAsked({ tcpWrappersName: name }: Config): string {
  return `  hosts.allow, hosts.deny: not asked here; tcpdmatch ${name} ADDRESS tells what they say`;
}

function isAllowed(stages: readonly ExplainedStage[]): boolean {
  return stages.every(({ verdict }) => verdict === 'allow');
}

function askingOfQuery(query: Query, users: ExplainedUsers): Asking {
  const { user, group, userId, client, command, destination } = query;
  const identity: Identity =
    user === undefined && group === undefined
      ? { kind: 'anonymous', userId }
      : { kind: 'user', name: user ?? '', group: group ?? findUser(query, users)?.group };
  return { identity, client, command, destination };
}

function findUser({ user }: Query, users: ExplainedUsers): KnownUser | undefined {
  return user === undefined ? undefined : users.byName.get(byteString(Buffer.from(user)));
}

/** Clients that auth-once remembers count as unknown here, because only the daemon knows them. */
function stagesOfClient(
  policy: Policy,
  { identity, client, isHidden = false }: Asking,
  config: Config,
): ExplainedStage[] {
  const isWhite = !isHidden && isListed(config.whitelist, client);
  const unruled = {
    client: policy.hasUsers ? 'no network rule, and clients can log in' : LOCAL,
    login: identity.kind === 'user' ? INSIDE : isWhite ? WHITELISTED : LOCAL,
  };
  const unless = config.authOnceMs > 0 && !isHidden ? ', unless auth-once remembers the client' : '';
  return checkpointsOf(policy, { client, isHidden, identity, isTrusted: () => isWhite }).map(
    ({ question, ruling }) =>
      ruling === LOGIN_REQUIRED
        ? { title: question, verdict: ruling.verdict, why: `${LOGIN_NEEDED}${unless}` }
        : stage(question, ruling, unruled[question]),
  );
}

const LOGIN_NEEDED = 'clients have to log in: auth is set, anonymous is not';
const WHITELISTED = 'no network rule, and the whitelist has the client';
const INSIDE = 'no network rule, and the client has logged in';
const LOCAL = 'no network rule, and the client is local';

/** Stages before an address is known: of a name, or of a BIND that waits for any peer. */
function stagesOfHeading(policy: Policy, asking: Asking, { kind }: Heading): ExplainedStage[] {
  const ruling = admitHeading(policy, asking, kind);
  if (asking.destination.kind === 'ip')
    return isForAnybody(asking) ? [stage('anybody', ruling, 'the address that comes decides')] : [];
  if (kind === 'remote') return [stage('name', ruling, 'no request rule, and a proxy looks it up')];
  const { why, ...rest } = stage('name', ruling, 'its addresses decide');
  return [{ ...rest, why: rest.verdict === 'deny' ? `${why}; it is not looked up` : why }];
}

function stageOfAddress(policy: Policy, asking: Asking, ip: Ip): ExplainedStage {
  const ruling = admitRequest(policy, asking, ip);
  const { title, verdict, why } = stage(`address ${ip}`, ruling, 'no request rule');
  if (ruling.verdict === 'deny') return { title, verdict, why };
  const isGuarded = guard(asking.isHidden === true ? undefined : asking.client, ip, policy.here) === 'deny';
  return { title, verdict, why: `${why}; ${isGuarded ? ABOVE_GUARD : 'the guard agrees'}` };
}

const ABOVE_GUARD = 'it names the address, which stands above the guard';

/** `unruled` is the reason of an answer that no rule decided. */
function stage(title: string, ruling: Ruling, unruled: string): ExplainedStage {
  const { verdict, rule } = ruling;
  if (ruling.verdict === 'allow') return { title, verdict, why: rule ?? unruled };
  return { title, verdict, why: rule ?? (ruling.code === 'GUARD_DENIED' ? GUARDED : FAULTS[ruling.code]) };
}

const GUARDED = 'the guard: it is more private than the client, and no rule names the address';

function formatStage({ title, verdict, why }: ExplainedStage): string {
  return `  ${title}: ${verdict}: ${why}`;
}

function describeQuery(query: Query, users: ExplainedUsers, identity: Identity): string {
  const { client, listener, time, command, destination } = query;
  const by = listener === undefined ? '' : ` at ${listener}`;
  const isUnknown = query.user !== undefined && findUser(query, users) === undefined;
  const who = `${describeIdentity(identity)}${isUnknown ? ', whom no file of users has,' : ''}`;
  const when = `${DAYS[time.getDay()] ?? ''} ${time.toTimeString().slice(0, 5)}`;
  return `${who} from ${client}${by}, ${when}: ${command} ${formatDestination(destination)}`;
}

function describeIdentity(identity: Identity): string {
  if (identity.kind === 'anonymous') {
    const { userId } = identity;
    return `a client ${userId === undefined ? 'without login' : `that calls itself ${userId}`}`;
  }
  const name = identity.name === '' ? 'a user' : `user ${identity.name}`;
  return `${name} ${identity.group === undefined ? 'without group' : `of group ${identity.group}`}`;
}
