// Parts of the state file: bytes of quotas, bans of clients, and logins that auth-once remembers.
import { parseZonedCidr } from '../../base/zoned.ts';
import { Misfit, number, object, text, whole, oneWordOf, type ShapeReader } from '../../control/shape.ts';
import type { Bans } from '../../policy/access/bans.ts';
import type { AuthOnce } from '../../policy/access/trusted.ts';
import { ipOfClientKey, type ClientKey } from '../../policy/clientkey.ts';
import type { Entries } from '../../policy/facts/entries.ts';
import type { Usage, Use } from '../../policy/limits/quota.ts';
import { openState, statePart, type State, type StatePart } from './state.ts';

type LoginFacts = { readonly bans: Bans; readonly authOnce: AuthOnce };

/** openState() with all parts; `warn` is also called when the clock is set back. */
export function keepState(
  file: string | undefined,
  usage: Usage,
  logins: LoginFacts,
  warn: (sentence: string) => void,
): Promise<State> {
  usage.whenSetBack((latest, today) => warn(setBack(latest, today, file)));
  return openState(file, stateParts(usage, logins), warn);
}

/** The counts of quotas, and the consequences of logins. */
export function stateParts(usage: Usage, { bans, authOnce }: LoginFacts): readonly StatePart[] {
  return [
    statePart<Use>('usage', USE, { save: () => usage.kept(), restore: (use) => usage.restore(use) }),
    // Locks of user names are not kept: without the familiar addresses of each user they would lock out their owners.
    clientsPart('bans', bans.entries),
    statePart<SavedBlock>('blocks', BLOCK, {
      save: () => saved(bans.blocks.entries, (block, endsAt) => ({ block, endsAt })),
      restore: ({ block, endsAt }) => putBack(bans.blocks.entries, block, endsAt),
    }),
    clientsPart('authOnce', authOnce.entries),
  ];
}

function clientsPart(name: string, entries: Entries): StatePart {
  return statePart<SavedClient>(name, CLIENT, {
    save: () => saved(entries, (client, endsAt) => ({ client: client as ClientKey, endsAt })),
    restore: ({ client, endsAt }) => putBack(entries, client, endsAt),
  });
}

/** Entries that were taken back are left out of the file. */
function* saved<T>(entries: Entries, item: (name: string, endsAt: number) => T): Generator<T> {
  for (const { name, endsAt } of entries.held()) yield item(name, endsAt);
}

/** The file does not say when it was set. */
function putBack(entries: Entries, name: string, endsAt: number): void {
  entries.merge({ name, value: '', endsAt, stamp: 0, state: 'holds' });
}

function setBack(latest: string, today: string, file: string | undefined): string {
  const remedy = file === undefined ? 'start the daemon again' : `stop the daemon and remove ${file}`;
  return (
    `the clock says ${today}, but bytes of quotas were counted on ${latest} already: those quotas go on from there until ` +
    `that day is over. Set the clock right; if ${latest} was the mistake, ${remedy}: counting begins anew`
  );
}

const USE: ShapeReader<Use> = object({
  scope: oneWordOf(['total', 'client', 'user', 'group']),
  name: text(),
  day: day,
  dayBytes: whole(0),
  monthBytes: whole(0),
});

interface SavedClient {
  readonly client: ClientKey;
  readonly endsAt: number;
}

interface SavedBlock {
  readonly block: string;
  readonly endsAt: number;
}

const CLIENT: ShapeReader<SavedClient> = object({ client: clientKey, endsAt: number(0) });
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
