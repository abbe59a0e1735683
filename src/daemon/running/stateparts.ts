// What the state file keeps: bytes of quotas, bans of clients, and who need not log in again.
import { parseZonedCidr } from '../../base/zoned.ts';
import { Misfit, number, object, text, whole, word, type ShapeReader } from '../../control/shape.ts';
import type { Bans } from '../../policy/access/bans.ts';
import type { AuthOnce, Remembered } from '../../policy/access/trusted.ts';
import { ipOfClientKey, type ClientKey } from '../../policy/clientkey.ts';
import type { Usage, Use } from '../../policy/limits/quota.ts';
import { openState, statePart, type State, type StatePart } from './state.ts';

type Logins = { readonly bans: Bans; readonly authOnce: AuthOnce };

/** openState() with all of it; `warn` hears of a clock that is set back, too. */
export function keepState(
  file: string | undefined,
  usage: Usage,
  logins: Logins,
  warn: (sentence: string) => void,
): Promise<State> {
  usage.whenSetBack((latest, today) => warn(setBack(latest, today, file)));
  return openState(file, stateParts(usage, logins), warn);
}

/** What quotas have counted, and what follows from logins. */
export function stateParts(usage: Usage, { bans, authOnce }: Logins): readonly StatePart[] {
  return [
    statePart<Use>('usage', USE, { save: () => usage.uses(), restore: (use) => usage.restore(use) }),
    statePart<Remembered>('bans', CLIENT, {
      // Locks of user names are not kept: without what is known of each user's own addresses they would lock him out.
      save: () => bans.clients(),
      restore: ({ client, endsAt }) => banAgain(bans, client, endsAt),
    }),
    statePart<SavedBlock>('blocks', BLOCK, {
      save: () => bans.blocks.list().map(({ name, endsAt }) => ({ block: name, endsAt })),
      restore: ({ block, endsAt }) => banBlockAgain(bans, block, endsAt),
    }),
    statePart<Remembered>('authOnce', CLIENT, {
      save: () => authOnce.list(),
      restore: (remembered) => authOnce.restore(remembered),
    }),
  ];
}

function setBack(latest: string, today: string, file: string | undefined): string {
  const remedy = file === undefined ? 'start the daemon again' : `stop the daemon and remove ${file}`;
  return (
    `the clock says ${today}, but bytes of quotas were counted on ${latest} already: those quotas go on from there until ` +
    `that day is over. Set the clock right; if ${latest} was the mistake, ${remedy}: counting begins anew`
  );
}

const USE: ShapeReader<Use> = object({
  scope: word(['total', 'client', 'user', 'group']),
  name: text(),
  day: day,
  dayBytes: whole(0),
  monthBytes: whole(0),
});

const CLIENT: ShapeReader<Remembered> = object({ client: clientKey, endsAt: number(0) });

interface SavedBlock {
  readonly block: string;
  readonly endsAt: number;
}

const BLOCK: ShapeReader<SavedBlock> = object({ block: bannedBlock, endsAt: number(0) });

/** `2026-10-05`. */
function day(found: unknown, where: string): string {
  const read = text(10)(found, where);
  if (!/^\d{4}-\d\d-\d\d$/.test(read)) throw new Misfit(`${where}: not a day`);
  return read;
}

function clientKey(found: unknown, where: string): ClientKey {
  const read = text(64)(found, where);
  if (ipOfClientKey(read) === undefined) throw new Misfit(`${where}: not a client`);
  return read as ClientKey;
}

function bannedBlock(found: unknown, where: string): string {
  const read = text(64)(found, where);
  if (parseZonedCidr(read) === undefined) throw new Misfit(`${where}: not a block of addresses`);
  return read;
}

function banBlockAgain({ blocks }: Bans, text: string, endsAt: number): void {
  const block = parseZonedCidr(text);
  const lengthMs = endsAt - Date.now();
  if (block !== undefined && lengthMs > 0) blocks.ban(block, lengthMs);
}

function banAgain(bans: Bans, client: ClientKey, endsAt: number): void {
  const ip = ipOfClientKey(client);
  const lengthMs = endsAt - Date.now();
  if (ip !== undefined && lengthMs > 0) bans.ban(ip, lengthMs);
}
