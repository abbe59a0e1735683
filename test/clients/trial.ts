// Tries one client in the world: files, servers, what is typed, and whether it showed what it should.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GREETING, type Ability, type Check, type Client } from './client.ts';
import { PROGRAMS } from './programs.ts';
import { startService, startShell, type Shell } from './shell.ts';
import type { World } from './world.ts';

/** `no` comes with what the client and the daemon said. */
export type Outcome = { readonly kind: 'yes' } | { readonly kind: 'no'; readonly said: string };

const SECONDS = 20;

/** Never fails: one client does not stop the others. */
export async function tryClient(world: World, client: Client, ability: Ability): Promise<Outcome> {
  const check = client.checks[ability];
  if (check === undefined) throw new Error(`${client.name} does not offer ${ability}`);
  const folder = world.folder(`${client.name} ${ability}`);
  const logged = world.watchLog();
  const output = await outputOf(world, client, check, folder);
  const lines = logged();
  const isLogged = check.logs === undefined || lines.some((line) => check.logs!.test(line));
  if ((check.shows ?? GREETING).test(output) && isLogged) return { kind: 'yes' };
  return { kind: 'no', said: [`$ ${check.line}`, output, ...lines].join('\n') };
}

/** What the line of the check says, or what a service says that does not start. */
async function outputOf(world: World, client: Client, check: Check, folder: string): Promise<string> {
  const seconds = client.seconds ?? SECONDS;
  const services: Shell[] = [];
  try {
    for (const [name, text] of Object.entries({ ...client.files, ...check.files }))
      writeFileSync(join(folder, name), text);
    for (const name of client.programs ?? []) copyFileSync(join(PROGRAMS, name), join(folder, name));
    if (check.server !== undefined)
      services.push(await startService(check.server, world.servers, folder, seconds));
    if (client.setUp !== undefined) await startShell(client.setUp, world.clients, folder, seconds).ended;
    if (check.service !== undefined)
      services.push(await startService(check.service, world.clients, folder, seconds));
    return (await startShell(check.line, world.clients, folder, seconds).ended).output;
  } catch (error) {
    return (error as Error).message;
  } finally {
    for (const service of services) service.end();
    await Promise.all(services.map(({ ended }) => ended));
  }
}
