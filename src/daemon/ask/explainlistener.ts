// The part of a listener in --explain: which one the client of a question comes by, and who it is by its account.
import { isUnixClient, uidOf } from '../../base/unixclient.ts';
import type { Config } from '../../config/model/config.ts';
import { formatListen } from '../../config/values/listen.ts';
import { oneOf, quote } from '../../config/values/parsed.ts';
import { AccountNames, type AccountUsers } from '../host/accountusers.ts';
import type { Query } from './query.ts';

/** Why no client comes that way; undefined: it may, or the question names no listener. */
export function whyNotBy(
  { listener, client }: Query,
  { listen }: Pick<Config, 'listen'>,
): string | undefined {
  if (listener === undefined) return undefined;
  const known = listen.map((each) => (each.kind === 'unix' ? `unix:${each.path}` : formatListen(each)));
  const isThere = known.includes(listener) || listen.map(formatListen).includes(listener);
  if (!isThere) return `listener=${quote(listener)}: this configuration listens on ${oneOf(known)}`;
  const isUnix = listener.startsWith('unix:');
  if (isUnix === isUnixClient(client)) return undefined;
  return isUnix
    ? `clients of ${listener} are accounts; write client=unix:uid=NUMBER`
    : `${client} comes by a Unix socket, and not by ${listener}`;
}

/** The question with the user that the account of its client is by `unix-user`. */
export function withAccount(
  query: Query,
  { unixUser }: Pick<Config, 'unixUser'>,
  users: AccountUsers,
): Query {
  const uid =
    unixUser && query.user === undefined && query.group === undefined ? uidOf(query.client) : undefined;
  const identity = uid === undefined ? undefined : new AccountNames().identities(users)(uid);
  return identity?.kind === 'user' ? { ...query, user: identity.name, group: identity.group } : query;
}
