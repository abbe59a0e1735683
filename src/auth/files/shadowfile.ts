// Files of shadow(5), which only root may read: a daemon that has given up its privileges goes on with what it read before.
import { byteString } from '../../base/bytes.ts';
import type { AuthSource, Problem } from '../../config/model/config.ts';
import { readContent } from '../../config/reading/contents.ts';
import { error, formatOrigin, warning } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import type { UserEntry } from './htpasswd.ts';
import { parseShadow } from './shadow.ts';

/** The accounts of each file from its last successful read; kept over reloads. */
export type KeptAccounts = Map<string, readonly UserEntry[]>;

/** The accounts of `source`, which `kept` remembers; errors go to `problems`. */
export function readShadow(
  { file, origin }: AuthSource,
  kept: KeptAccounts,
  problems: Problem[],
): readonly UserEntry[] {
  try {
    const accounts = parseShadow(byteString(readContent(file)));
    kept.set(file, accounts);
    return accounts;
  } catch (cause) {
    const why = systemReason(cause);
    const before = kept.get(file);
    problems.push(
      before === undefined
        ? error({ file }, `cannot be read: ${why}; start as root (users, named at ${formatOrigin(origin)})`)
        : warning(
            { file },
            `cannot be read again (${why}): the accounts stay as they were, until a new start`,
          ),
    );
    return before ?? [];
  }
}
