// A part of a rule about requests as items of `request`.
import { bytesInCidr, formatCidr, ipToBytes } from '../base/ip.ts';
import type { PortRange } from '../config/model/config.ts';
import type { DanteCommand } from './commands.ts';
import type { DanteFacts } from './facts.ts';
import { note, setting, type Piece } from './piece.ts';
import { formatPlaceBlock, halvesOf, type DantePlace } from './place.ts';
import { coversPlace, coversPorts, type Region } from './regions.ts';
import { answeredParts, type Answered, type ReplyRule } from './replies.ts';
import type { DanteRule } from './rule.ts';

/** The subject of a rule; `words` are conditions beside the clients of the region. */
export interface RuleSubject {
  readonly line: number;
  readonly commands: ReadonlySet<DanteCommand>;
  readonly region: Region;
  readonly words: readonly string[];
}

/** Items that deny: at least what Dante blocks. */
export function blockedItems(asked: RuleSubject, facts: DanteFacts): readonly Piece[] {
  const { commands, region, words, line } = asked;
  const ours = OURS.filter(({ dante }) => commands.has(dante)).map((each) => each.ours);
  const names = ours.length === OURS.length ? ['all'] : ours;
  const denied = names.flatMap((name) => commandItems(name, { verdict: 'block', region }, words, facts));
  const doors =
    commands.has('bind') && mayBeDoor(region, facts)
      ? commandItems('bind', { verdict: 'block', region: { ...region, ...DOORS } }, words, facts)
      : [];
  return [
    ...denied.map((item) => setting(line, 'request', item)),
    ...(doors.length > 0 ? [note(line, OWN_DOOR)] : []),
    ...doors.map((item) => setting(line, 'request', item)),
  ];
}

/** Items that allow: what Dante passes with answers to it. */
export function passedItems(
  asked: RuleSubject,
  facts: DanteFacts,
  replies: readonly ReplyRule[],
): readonly Piece[] {
  const { commands, region, words, line } = asked;
  const parts = OURS.filter(({ dante }) => commands.has(dante)).map(({ ours, reply }) => ({
    ours,
    found: partsOf({ ours, reply }, region, facts, replies),
  }));
  const isPlain = parts.length === OURS.length && parts.every(({ found }) => isAllOf(found, region));
  const named = isPlain ? [{ ours: 'all', found: [{ verdict: 'pass' as const, region }] }] : parts;
  const items = named.flatMap(({ ours, found }) =>
    found.flatMap((part) => commandItems(ours, part, words, facts)),
  );
  const silent = parts.filter(({ found }) => found.length === 0).map(({ ours }) => SILENT[ours]);
  return [
    ...items.map((item) => setting(line, 'request', item)),
    ...silent.flatMap((text) => (text === undefined ? [] : [note(line, text)])),
  ];
}

/** The command of ours, and the one that its answers need in Dante. */
const OURS = [
  { ours: 'connect', dante: 'connect', reply: undefined },
  { ours: 'bind', dante: 'bind', reply: 'bindreply' },
  { ours: 'assoc', dante: 'udpassociate', reply: 'udpreply' },
] as const satisfies readonly { ours: string; dante: DanteCommand; reply: DanteCommand | undefined }[];

const SILENT: Readonly<Record<string, string>> = {
  bind: 'no rule of Dante passes BIND with its answers (bindreply) to these clients, so none is passed',
  assoc: 'no rule of Dante passes answers (udpreply) from there to these clients, so UDP is not passed',
};
const OWN_DOOR = 'the address at which BIND would wait may be one of these';

/** The `to` of a rule is where BIND waits in Dante; here it is whom the client waits for. */
const DOORS = { place: { kind: 'everything' }, ports: undefined } as const;

function partsOf(
  { ours, reply }: Pick<(typeof OURS)[number], 'ours' | 'reply'>,
  region: Region,
  facts: DanteFacts,
  replies: readonly ReplyRule[],
): readonly Answered[] {
  if (reply === undefined) return [{ verdict: 'pass', region }];
  if (ours === 'assoc') return answeredParts(region, replies, reply, facts);
  if (!holdsEveryDoor(region, facts)) return [];
  const isEverywhere = region.place.kind === 'everything' && region.ports === undefined;
  return answeredParts(isEverywhere ? region : { ...region, ...DOORS }, replies, reply, facts);
}

function isAllOf(parts: readonly Answered[], region: Region): boolean {
  return parts.length === 1 && parts[0]?.verdict === 'pass' && parts[0].region === region;
}

/** Whether BIND always waits within the region. */
function holdsEveryDoor({ place, ports }: Region, { departures, targetFamily }: DanteFacts): boolean {
  if (!coversPorts(ports, undefined)) return false;
  if (coversPlace(place, DOORS.place, targetFamily)) return true;
  if (place.kind !== 'blocks' || departures === undefined) return false;
  const { blocks } = place;
  return departures.every((ip) => blocks.some((block) => bytesInCidr(block, ipToBytes(ip))));
}

const LOWEST_FREE_PORT = 1024;

/** Whether BIND may wait at an address of the region, at another port than one that the client has asked for. */
function mayBeDoor({ place, ports }: Region, { departures, passed, targetFamily }: DanteFacts): boolean {
  if (!passed.has('bind') || !passed.has('bindreply')) return false;
  if (ports !== undefined && ports.every(({ high }) => high < LOWEST_FREE_PORT)) return false;
  if (place.kind === 'name' || place.kind === 'suffix') return false;
  // An item about everything on every port denies this too.
  if (place.kind === 'everything') return ports !== undefined;
  if (place.kind === 'family')
    return targetFamily === undefined || (targetFamily === place.family && ports !== undefined);
  const { blocks } = place;
  return departures?.some((ip) => blocks.some((block) => bytesInCidr(block, ipToBytes(ip)))) ?? true;
}

/** Empty where nothing can be there. */
function commandItems(
  command: string,
  { verdict, region }: Answered,
  words: readonly string[],
  facts: DanteFacts,
): string[] {
  const conditions = [...(region.clients ?? []).map((block) => `client=${formatCidr(block)}`), ...words];
  return markedPlacesOf(region.place, verdict, facts).flatMap(({ mark, text }) =>
    portTexts(region.ports).map((range) => [`${mark}${command}:${text}${range}`, ...conditions].join(' ')),
  );
}

/** A place of ours; `mark` is `!` where it is denied. */
interface MarkedPlace {
  readonly mark: '' | '!';
  readonly text: string;
}

function markedPlacesOf(
  place: DantePlace,
  verdict: DanteRule['verdict'],
  facts: DanteFacts,
): readonly MarkedPlace[] {
  const mark = verdict === 'block' ? '!' : '';
  switch (place.kind) {
    case 'everything':
      return [{ mark, text: '*' }];
    case 'family':
      return markedFamily(place.family, mark, facts);
    case 'blocks':
      return place.blocks.map((block) => ({ mark, text: formatPlaceBlock(block) }));
    case 'name':
      return [{ mark, text: place.name }];
    case 'suffix':
      return [{ mark, text: place.suffix }];
  }
}

/**
 * Every address of one family. To let pass, `*` stands for both, with the other family denied before it: as blocks of
 * addresses they would stand above the guard, which 0.0.0.0/0 is not meant to do.
 */
function markedFamily(
  family: 4 | 6,
  mark: MarkedPlace['mark'],
  { targetFamily }: DanteFacts,
): readonly MarkedPlace[] {
  if (targetFamily !== undefined) return targetFamily === family ? [{ mark, text: '*' }] : [];
  const deny = (other: 4 | 6): readonly MarkedPlace[] =>
    halvesOf(other).map((half) => ({ mark: '!', text: formatPlaceBlock(half) }));
  return mark === '!' ? deny(family) : [...deny(family === 4 ? 6 : 4), { mark, text: '*' }];
}

/** None is needed where every port is meant. */
function portTexts(ports: readonly PortRange[] | undefined): readonly string[] {
  return ports?.map(({ low, high }) => (low === high ? `:${low}` : `:${low}-${high}`)) ?? [''];
}
