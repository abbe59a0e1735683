// SIGHUP: everything is read again, and either all of it takes effect or nothing does.
import type { Config } from '../config/config.ts';
import { restartOnlyChanges } from '../config/changes.ts';
import { formatProblem } from '../config/problem.ts';
import { formatEndpoint, type Ip } from '../base/ip.ts';
import { resolveBind } from './bindaddresses.ts';
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
  const bindAddresses = await unlessFailed(moveAddresses(parts, after));
  if (bindAddresses instanceof StartFailure) {
    log.write('err', 'reload-failed', {}, `${bindAddresses.message}; nothing was changed`);
    return before;
  }
  parts.server.replace(buildSnapshot(after, usable.users, bindAddresses, parts.lasting));
  log.configure(after.logLevel, after.logFormat);
  for (const option of restartOnlyChanges(before, after)) {
    log.write('warn', 'config', {}, `${option} was changed, but takes effect only at the next start`);
  }
  log.write('notice', 'reloaded', { users: usable.users.byName.size });
  return after;
}

/** The addresses of BIND, once the listeners are the new ones. Rejects with StartFailure, and nothing has changed. */
async function moveAddresses({ server }: RunningParts, { listen, bind }: Config): Promise<readonly Ip[]> {
  const bindAddresses = await resolveBind(bind);
  const wanted = await resolveListen(listen);
  // Only when all of the new ones are open those that are gone are closed.
  await openListeners(server, wanted);
  const kept = new Set(wanted.map(({ endpoint }) => formatEndpoint(endpoint)));
  for (const address of server.listening) if (!kept.has(address)) server.unlisten(address);
  return bindAddresses;
}

async function unlessFailed<T>(work: Promise<T>): Promise<T | StartFailure> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StartFailure) return error;
    throw error;
  }
}
