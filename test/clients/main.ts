// make clients: tries all clients, or those whose names are given, and prints what each can do. Run by run.sh in a world where they
// are installed. Arguments: the folder of the packages of npm, then parts of names; `--missing` in front only tells what to install.
import { openScope } from '../support/scope.ts';
import { ABILITIES, type Ability, type Client } from './client.ts';
import { CLIENTS } from './clients.ts';
import { formatHead, formatRow, missingPackages, type Result } from './matrix.ts';
import { tryClient } from './trial.ts';
import { buildWorld, type World } from './world.ts';

const args = process.argv.slice(2);
const isAsked = args[0] === '--missing';
const [modules = '', ...wanted] = args.slice(isAsked ? 1 : 0);
const clients = CLIENTS.filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.toLowerCase().includes(part.toLowerCase())),
);
if (isAsked) {
  const missing = clients.flatMap((client) => missingPackages(client, modules));
  for (const { kind, name } of missing) process.stdout.write(`${kind} ${name}\n`);
} else {
  process.exit(await tryAll());
}

/** The exit status. */
async function tryAll(): Promise<number> {
  const scope = openScope();
  const counts = { yes: 0, no: 0, missing: 0, 'not offered': 0 };
  const failures: string[] = [];
  try {
    const world = await buildWorld(scope, modules);
    process.stdout.write(`${formatHead()}\n`);
    for (const client of clients) {
      const results = await tryEach(world, client);
      process.stdout.write(`${formatRow(client.name, results)}\n`);
      for (const { cell } of results) counts[cell] += 1;
      failures.push(
        ...results.flatMap(({ ability, said }) =>
          said === undefined ? [] : `${client.name}, ${ability}: ${said}`,
        ),
      );
    }
  } finally {
    await scope.close();
  }
  for (const failure of failures) process.stdout.write(`\n${failure}\n`);
  process.stdout.write(`\n${counts.yes} passed, ${counts.no} failed, ${counts.missing} not tried\n`);
  return counts.no + counts.missing > 0 ? 1 : 0;
}

async function tryEach(world: World, client: Client): Promise<Result[]> {
  const results: Result[] = [];
  for (const ability of ABILITIES) results.push({ ability, ...(await tryOne(world, client, ability)) });
  return results;
}

async function tryOne(world: World, client: Client, ability: Ability): Promise<Omit<Result, 'ability'>> {
  if (client.checks[ability] === undefined) return { cell: 'not offered' };
  const missing = missingPackages(client, modules).map(({ name }) => name);
  if (missing.length > 0) return { cell: 'missing', said: `not installed: ${missing.join(' ')}` };
  const outcome = await tryClient(world, client, ability);
  return outcome.kind === 'yes' ? { cell: 'yes' } : { cell: 'no', said: outcome.said };
}
