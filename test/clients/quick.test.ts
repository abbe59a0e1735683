// The clients that are quick and small. "make clients" tries all.
import test from 'ava';
import { openScope } from '../support/scope.ts';
import { ABILITIES } from './client.ts';
import { CLIENTS } from './clients.ts';
import { missingPackages } from './matrix.ts';
import { startShell } from './shell.ts';
import { tryClient } from './trial.ts';
import { buildWorld, type World } from './world.ts';
import { WEB } from './place.ts';
import { asRootInTurn as asRoot, IS_ROOT } from '../support/root.ts';

const QUICK = [
  ...[
    'nc (OpenBSD)',
    'ncat',
    'socat',
    'git',
    'apt',
    'proxychains4',
    'torsocks',
    'tsocks',
    'socksify (Dante)',
  ],
  ...['PySocks, requests', 'Perl, IO::Socket::Socks'],
  ...['curl, HTTP', 'wget', 'git, HTTP', 'apt, HTTP', 'Python, urllib'],
];

const scope = openScope();
let world: World;
test.before(async () => {
  if (IS_ROOT) world = await buildWorld(scope);
});
test.after.always(() => scope.close());

asRoot('clients reach no server and look up no name by themselves', async (t) => {
  const folder = world.folder('alone');
  const tried = [`nc -z -w 2 ${WEB.ipv4} 80`, `nc -z -w 2 ${WEB.ipv6} 80`, `getent hosts ${WEB.name}`];
  for (const line of tried) t.not((await startShell(line, world.clients, folder, 10).ended).status, 0, line);
  for (const line of tried.slice(0, 2))
    t.is((await startShell(line, world.servers, folder, 10).ended).status, 0, line);
});

for (const client of CLIENTS.filter(({ name }) => QUICK.includes(name))) {
  const offered = ABILITIES.filter((ability) => client.checks[ability] !== undefined);
  asRoot(`${client.name}: ${offered.join(', ')}`, async (t) => {
    t.deepEqual(missingPackages(client, ''), []);
    for (const ability of offered) {
      const outcome = await tryClient(world, client, ability);
      t.is(outcome.kind, 'yes', outcome.kind === 'no' ? `${ability}: ${outcome.said}` : '');
    }
  });
}
