// Rules of a sockd.conf that pass answers. Dante checks BIND and UDP twice: the request of the client, and each peer that
// answers, with the peer as `from` and the client as `to`. Here answers belong to their request, so a request is allowed where
// both are.
import { value, type Parsed } from '../config/values/parsed.ts';
import { areCommandsKnown, commandsOf, type DanteCommand } from './commands.ts';
import { takesEveryVersion } from './conditions.ts';
import type { DanteFacts } from './facts.ts';
import { left, type Piece } from './piece.ts';
import {
  type ClientBlocks,
  clientsAt,
  type DantePlace,
  type DanteTarget,
  parseDanteTarget,
  saysNothingOfPorts,
} from './place.ts';
import {
  coversClients,
  coversPlace,
  coversPorts,
  meetClients,
  meetPlaces,
  meetPorts,
  type Region,
} from './regions.ts';
import { isAction, whyUnread, type DanteRule } from './rule.ts';
import type { DanteField } from './statements.ts';

export type ReplyCommand = Extract<DanteCommand, 'bindreply' | 'udpreply'>;

/** A rule as it is asked about answers. */
export interface ReplyRule {
  readonly verdict: DanteRule['verdict'];
  readonly commands: ReadonlySet<DanteCommand>;
  readonly peers: DantePlace;
  readonly peerPorts: Region['ports'];
  readonly clients: ClientBlocks;
}

export interface ReplyReading {
  /** undefined when it passes answers only under conditions that we do not check, so it passes none. */
  readonly rule: ReplyRule | undefined;
  /** Conditions that we cannot check. */
  readonly obstacles: readonly Piece[];
}

/** The reply rules of a whole sockd.conf, in order. */
export function readReplyRules(facts: DanteFacts): readonly ReplyRule[] {
  // No method that clients have is one of their peers.
  if (facts.replies === 'checked') return [];
  return facts.socksRules.flatMap((rule) => readReplyRule(rule, facts).rule ?? []);
}

/** A rule that passes is narrowed to what can be asked for, one that blocks is widened. */
export function readReplyRule(rule: DanteRule, facts: DanteFacts): ReplyReading {
  const [from, to] = [onlyField(rule, 'from'), onlyField(rule, 'to')];
  const peers = from === undefined ? everywhere() : parseDanteTarget(from.values, facts.host);
  const targets = to === undefined ? everywhere() : parseDanteTarget(to.values, facts.host);
  const clients = targets.kind === 'wrong' ? targets : clientsAt(targets.value, facts);
  const obstacles = [
    ...(from && addressTargetOf(peers) === undefined ? [left(from.line, 'from', NO_PEER)] : []),
    ...whyUnread(to, clients),
    ...(to && targets.kind === 'value' && !saysNothingOfPorts(targets.value)
      ? [left(to.line, 'to', NO_CLIENT_PORT)]
      : []),
    ...rule.fields.flatMap((field) => obstacleIn(rule, field, facts) ?? []),
  ];
  if (rule.verdict === 'pass' && obstacles.length > 0) return { rule: undefined, obstacles };
  const { place, ports } = addressTargetOf(peers) ?? EVERYWHERE;
  const read = {
    verdict: rule.verdict,
    commands: commandsOf(rule.fields),
    peers: place,
    peerPorts: ports,
    clients: clients.kind === 'wrong' ? undefined : clients.value,
  };
  return { rule: read, obstacles };
}

const EVERYWHERE: DanteTarget = { place: { kind: 'everything' }, ports: undefined };
const NO_PEER = 'an answer is known by the address of its peer alone; write addresses';
const NO_CLIENT_PORT = 'nobody asks for the port of a client here';

function everywhere(): Parsed<DanteTarget> {
  return value(EVERYWHERE);
}

/** undefined for names and unreadable targets. */
function addressTargetOf(parsed: Parsed<DanteTarget>): DanteTarget | undefined {
  if (parsed.kind === 'wrong') return undefined;
  const { kind } = parsed.value.place;
  return kind === 'name' || kind === 'suffix' ? undefined : parsed.value;
}

/** Users and methods among them: Dante does not look at those of answers. */
const READ = ['from', 'to', 'user', 'group', 'socksmethod', 'method', 'clientmethod'];

/** undefined when there is none, or several. */
function onlyField({ fields }: DanteRule, key: string): DanteField | undefined {
  const found = fields.filter((field) => field.key === key);
  return found.length === 1 ? found[0] : undefined;
}

function obstacleIn(rule: DanteRule, field: DanteField, facts: DanteFacts): Piece | undefined {
  const { key, line } = field;
  if ((key === 'from' || key === 'to') && onlyField(rule, key) === undefined) {
    return left(line, key, 'it stands twice in one rule');
  }
  if (READ.includes(key) || isAction(field)) return undefined;
  if (key === 'proxyprotocol' && takesEveryVersion(field, facts)) return undefined;
  if ((key === 'command' || key === 'protocol') && areCommandsKnown(field)) return undefined;
  return left(line, key, 'an answer cannot be asked for that');
}

/** A part of a region, and whether answers come from there. */
export interface Answered {
  readonly verdict: DanteRule['verdict'];
  readonly region: Region;
}

/**
 * The parts of `region` from which answers are passed, with those before them from which they are blocked: the first part that
 * holds a request decides, and a request in no part is blocked. Empty: no answer is passed.
 */
export function answeredParts(
  region: Region,
  replies: readonly ReplyRule[],
  command: ReplyCommand,
  { targetFamily }: DanteFacts,
): readonly Answered[] {
  const parts: Answered[] = [];
  for (const reply of replies) {
    if (!reply.commands.has(command)) continue;
    const part = answeredPart(region, reply, command, targetFamily);
    if (part === undefined) continue;
    parts.push(part);
    if (part.region === region) break;
  }
  const last = parts.findLastIndex(({ verdict }) => verdict === 'pass');
  return parts.slice(0, last + 1);
}

function answeredPart(
  region: Region,
  { verdict, peers, peerPorts, clients }: ReplyRule,
  command: ReplyCommand,
  onlyFamily: 4 | 6 | undefined,
): Answered | undefined {
  // The port that a client names for BIND is not that of the peer.
  if (command === 'bindreply' && verdict === 'pass' && !coversPorts(peerPorts, undefined)) return undefined;
  const ports = command === 'udpreply' ? peerPorts : undefined;
  const isWhole =
    coversPlace(peers, region.place, onlyFamily) &&
    coversClients(clients, region.clients) &&
    coversPorts(ports, region.ports);
  if (isWhole) return { verdict, region };
  const met = {
    place: meetPlaces(region.place, peers, onlyFamily),
    ports: meetPorts(region.ports, ports),
    clients: meetClients(region.clients, clients),
  };
  if (met.place === undefined || met.ports?.length === 0 || met.clients?.length === 0) return undefined;
  if (met.place !== 'unknown') return { verdict, region: { ...met, place: met.place } };
  return verdict === 'pass' ? undefined : { verdict, region: { ...met, place: region.place } };
}
