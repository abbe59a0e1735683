// What the state file keeps: bytes of quotas, bans of clients, and who need not log in again.
import { parseIp } from '../base/ip.ts';
import type { Bans } from '../policy/bans.ts';
import { clientKeyOf, type ClientKey } from '../policy/clientkey.ts';
import type { Usage, Use } from '../policy/quota.ts';
import type { AuthOnce, Remembered } from '../policy/trusted.ts';
import { Misfit, number, object, text, whole, word, type Reader } from './shape.ts';
import { statePart, type StatePart } from './state.ts';

/** What quotas have counted, and what follows from logins. */
export function stateParts(
  usage: Usage,
  { bans, authOnce }: { readonly bans: Bans; readonly authOnce: AuthOnce },
): readonly StatePart[] {
  return [
    statePart<Use>('usage', USE, { save: () => usage.uses(), restore: (use) => usage.restore(use) }),
    statePart<Remembered>('bans', CLIENT, {
      // Locks of user names are not kept: without what is known of each user's own addresses they would lock him out.
      save: () => bans.clients(),
      restore: ({ client, endsAt }) => banAgain(bans, client, endsAt),
    }),
    statePart<Remembered>('authOnce', CLIENT, {
      save: () => authOnce.list(),
      restore: (remembered) => authOnce.restore(remembered),
    }),
  ];
}

const USE: Reader<Use> = object({
  scope: word(['total', 'client', 'user', 'group']),
  name: text(),
  day: day,
  dayBytes: whole(0),
  monthBytes: whole(0),
});

const CLIENT: Reader<Remembered> = object({ client: clientKey, endsAt: number(0) });

/** `2026-10-05`. */
function day(found: unknown, where: string): string {
  const read = text(10)(found, where);
  if (!/^\d{4}-\d\d-\d\d$/.test(read)) throw new Misfit(`${where}: not a day`);
  return read;
}

function clientKey(found: unknown, where: string): ClientKey {
  const read = text(64)(found, where);
  const ip = parseIp(read.replace(/\/64$/, ''));
  if (ip === undefined || clientKeyOf(ip) !== read) throw new Misfit(`${where}: not a client`);
  return read as ClientKey;
}

function banAgain(bans: Bans, client: ClientKey, endsAt: number): void {
  const ip = parseIp(client.replace(/\/64$/, ''));
  const lengthMs = endsAt - Date.now();
  if (ip !== undefined && lengthMs > 0) bans.ban(ip, lengthMs);
}
