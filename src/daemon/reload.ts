// SIGHUP: everything is read again, and either all of it takes effect or nothing does.
import type { Config } from '../config/config.ts';
import { restartOnlyChanges } from '../config/changes.ts';
import { formatProblem } from '../config/problem.ts';
import { formatEndpoint } from '../base/ip.ts';
import { StartFailure } from './exit.ts';
import { openListeners, resolveListen } from './listen.ts';
import { loadAll } from './load.ts';
import type { RunningParts } from './launch.ts';
import { buildSnapshot } from './snapshot.ts';

/** Gives the configuration that holds from now on: the new one, or `before` when something was wrong. */
export async function reload(parts: RunningParts, before: Config): Promise<Config> {
  const { log } = parts;
  const { usable, problems } = loadAll(parts.argv, parts.baseDir);
  for (const problem of problems) {
    log.write(problem.severity === 'error' ? 'err' : 'warn', 'config', {}, formatProblem(problem));
  }
  if (usable === undefined) {
    log.write('err', 'reload-failed', {}, 'the configuration has errors; nothing was changed');
    return before;
  }
  const after = usable.config;
  const failure = await moveListeners(parts, after);
  if (failure !== undefined) {
    log.write('err', 'reload-failed', {}, `${failure.message}; nothing was changed`);
    return before;
  }
  parts.server.replace(buildSnapshot(after, usable.users, parts.lasting));
  log.configure(after.logLevel, after.logFormat);
  for (const option of restartOnlyChanges(before, after)) {
    log.write('warn', 'config', {}, `${option} was changed, but takes effect only at the next start`);
  }
  log.write('notice', 'reloaded', { users: usable.users.byName.size });
  return after;
}

/** Opens the new listeners, and only when all of them are open closes those that are gone. */
async function moveListeners(
  { server }: RunningParts,
  { listen }: Config,
): Promise<StartFailure | undefined> {
  try {
    const wanted = await resolveListen(listen);
    await openListeners(server, wanted);
    const kept = new Set(wanted.map(({ endpoint }) => formatEndpoint(endpoint)));
    for (const address of server.listening) if (!kept.has(address)) server.unlisten(address);
    return undefined;
  } catch (error) {
    if (error instanceof StartFailure) return error;
    throw error;
  }
}
