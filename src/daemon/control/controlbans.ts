// Requests of pis5ctl about bans: of a client, a block of addresses, or a user name.
import { formatCidr, type Cidr } from '../../base/ip.ts';
import { parseZonedCidr } from '../../base/zoned.ts';
import type { AnswerTo, ControlAnswer } from '../../control/controlanswer.ts';
import type { RequestFor } from '../../control/controlmessage.ts';
import type { Log } from '../../observe/log.ts';
import type { Bans } from '../../policy/access/bans.ts';
import { MAX_BLOCKS_BANNED } from '../../policy/access/blockbans.ts';
import { canonical, holdsBlock, overlap } from '../../policy/blocks.ts';
import { clientKeyOf, clientOfBlock } from '../../policy/clientkey.ts';
import type { Server } from '../../session/server/server.ts';
import { selectSessions } from '../report/livesessions.ts';

interface BanKeepers {
  readonly steering: { readonly banAllow: readonly Cidr[] };
  readonly bans: Bans;
  readonly log: Log;
}

export interface BanParts extends BanKeepers {
  readonly server: Server;
}

/** Blocks of ban-allow that an answer names. */
const MAX_SPARED = 16;

export function ban(parts: BanParts, request: RequestFor<'ban'>): ControlAnswer {
  return banFrom(parts, request, (client) => {
    const of = { id: undefined, user: undefined, client };
    return selectSessions(parts.server.registry.list(), of).length;
  });
}

/** `liveOf`: how many sessions of a block there are. */
export function banFrom(
  { steering, bans, log }: BanKeepers,
  { client: asked, seconds }: RequestFor<'ban'>,
  liveOf: (banned: Cidr) => number,
): Extract<ControlAnswer, { command: 'ban' } | { ok: false }> {
  const block = canonical(asked);
  const client = clientOfBlock(block);
  const made =
    client === undefined ? bans.blocks.ban(block, seconds * 1000) : bans.ban(client, seconds * 1000);
  if (made === undefined) return tooMany();
  const { name } = made;
  log.write('notice', 'control', { command: 'ban', client: name, secs: seconds });
  // An IPv6 address stands for its /64.
  const banned = parseZonedCidr(name) ?? block;
  const live = liveOf(banned);
  const exempt = steering.banAllow.some((allowed) => holdsBlock(allowed, block));
  const spared = steering.banAllow.filter((allowed) => overlap(allowed, banned)).map(formatCidr);
  return { ok: true, command: 'ban', name, seconds, live, exempt, spared: spared.slice(0, MAX_SPARED) };
}

function tooMany(): Extract<ControlAnswer, { ok: false }> {
  const message = `${MAX_BLOCKS_BANNED} blocks are banned, which is the most: "pis5ctl bans" lists them, "pis5ctl unban" makes room`;
  return { ok: false, code: 'full', message };
}

export function unban({ bans, log }: BanKeepers, { who }: RequestFor<'unban'>): AnswerTo<'unban'> {
  const { name, unbanned, within } =
    who.kind === 'client' ? unbanClient(bans, who.block) : unbanUser(bans, who.name);
  log.write('notice', 'control', { command: 'unban', [who.kind]: name });
  return { ok: true, command: 'unban', kind: who.kind, name, unbanned, within };
}

interface Unbanned {
  readonly name: string;
  readonly unbanned: boolean;
  /** Banned blocks that keep the client out all the same. */
  readonly within: readonly string[];
}

function unbanUser(bans: Bans, name: string): Unbanned {
  return { name, unbanned: bans.unban({ kind: 'user', name }), within: [] };
}

function unbanClient(bans: Bans, asked: Cidr): Unbanned {
  const block = canonical(asked);
  const client = clientOfBlock(block);
  if (client === undefined) {
    const unbanned = bans.blocks.unban(block);
    const wider = bans.blocks.list().filter(({ block: other }) => holdsBlock(other, block));
    return { name: formatCidr(block), unbanned, within: wider.map(({ name }) => name) };
  }
  const name = clientKeyOf(client);
  const unbanned = bans.unban({ kind: 'client', name });
  return { name, unbanned, within: bans.blocks.of(client).map((ban) => ban.name) };
}

/** Bans in the order in which they end. */
export function listBans({ bans }: Pick<BanParts, 'bans'>): AnswerTo<'bans'>['bans'] {
  return bans
    .list()
    .map(({ kind, name, lengthMs }) => ({ kind, name, secondsLeft: Math.round(lengthMs / 1000) }));
}
