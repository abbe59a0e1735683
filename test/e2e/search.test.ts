// Names without their domain, completed by the search list of resolv.conf. Root only: a namespace with files of its own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExecutionContext } from 'ava';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { dnsServerAt, type DnsRecord } from '../support/dns.ts';
import { withFilesInPlace } from '../support/mounts.ts';
import { cableNetwork } from '../support/network.ts';
import { echoAt } from '../support/remoteclient.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

const CLIENT = fileURLToPath(new URL('../support/namesclient.py', import.meta.url));

const ZONE: Record<string, DnsRecord> = {
  'inner.lab.test': { a: ['192.0.2.1'] },
  inner: { a: ['192.0.2.9'] },
  'deep.inner.corp.test': { a: ['192.0.2.3'] },
  'full.test': { a: ['192.0.2.4'] },
  'full.test.corp.test': { a: ['192.0.2.40'] },
  'closed.corp.test': { a: ['192.0.2.5'] },
  closed: { a: ['192.0.2.6'] },
  'listed.corp.test': { a: ['192.0.2.7'] },
  'broken.corp.test': { a: 'servfail', aaaa: 'servfail' },
  broken: { a: ['192.0.2.66'] },
  'mail.corp.test': {},
  'mail.lab.test': { a: ['192.0.2.8'] },
};

async function world(t: ExecutionContext) {
  const { proxyHost } = await cableNetwork(t, []);
  await mustRun([...proxyHost, ...'ip address add 192.0.2.1/32 dev lo'.split(' ')]);
  await Promise.all([dnsServerAt(t, proxyHost, ZONE, 53), echoAt(t, proxyHost, 7)]);
  const folder = temporaryFolder(t);
  const files = {
    '/etc/resolv.conf': 'nameserver 127.0.0.1\nsearch corp.test lab.test\n',
    '/etc/hosts': '127.0.0.1 localhost\n192.0.2.77 listed\n',
    '/etc/nsswitch.conf': 'hosts: files dns\n',
  };
  const inPlace = Object.entries(files).map(([place, text]) => {
    const file = join(folder, place.replaceAll('/', '-'));
    writeFileSync(file, text);
    return [place, file] as const;
  });
  const wrapper = [...proxyHost, ...withFilesInPlace(Object.fromEntries(inPlace))];
  return async (args: readonly string[]) => {
    const daemon = await startDaemon(t, ['--resolve-commands', ...args], { wrapper });
    const ask = async (command: string, ...names: string[]) =>
      (await mustRun([...proxyHost, 'python3', CLIENT, String(daemon.port), command, ...names])).trim();
    return { daemon, ask };
  };
}

asRoot('a name is completed as glibc does, and the rules judge the name that is asked for', async (t) => {
  const start = await world(t);
  const { daemon, ask } = await start(['--request', '!all:closed.corp.test,all:*']);
  const told = await ask('resolve', 'inner', 'inner.', 'deep.inner', 'full.test', 'closed', 'listed', 'mail');
  t.is(told, '192.0.2.1 192.0.2.9 192.0.2.3 192.0.2.4 192.0.2.6 192.0.2.77 192.0.2.8');
  t.is(await ask('resolve', 'nosuch', 'broken'), '4 4');
  t.regex(await daemon.line(/ dest=nosuch:0 /), / why=NAME_NOT_FOUND /);
  // A name server that fails may have a name of that domain: the next domain would be another host.
  t.regex(await daemon.line(/ dest=broken\.corp\.test:0 /), / why=RESOLVER_FAILED /);
  t.is(await ask('connect', 'inner'), 'tcp');
  t.regex(await daemon.line(/ ended .*cmd=connect /), / dest=inner\.lab\.test:7 dialled=192\.0\.2\.1:7 /);
  t.is(await ask('udp', 'inner'), 'udp');

  // Of the names that may be meant, those that a list allows are asked for.
  const strict = await start(['--request', 'all:.lab.test']);
  t.is(await strict.ask('resolve', 'inner', 'inner.', 'nosuch'), '192.0.2.1 2 4');
  t.is(await strict.ask('udp', 'inner'), 'udp');
});

asRoot('what resolv.conf says holds behind a chroot, and is followed there', async (t) => {
  const start = await world(t);
  const [empty, full] = [temporaryFolder(t), temporaryFolder(t)];
  const bare = await start(['--chroot', empty, '-u', 'nobody']);
  t.is(await bare.ask('resolve', 'inner', 'full.test'), '192.0.2.1 192.0.2.4');
  bare.daemon.signal('SIGTERM');
  mkdirSync(join(full, 'etc'));
  writeFileSync(join(full, 'etc/resolv.conf'), 'nameserver 127.0.0.1\nsearch inner.corp.test\n');
  const { ask } = await start(['--chroot', full, '-u', 'nobody']);
  // It is looked at once a second at most.
  let told = '';
  for (let tries = 0; tries < 50 && told !== '192.0.2.3'; tries++) told = await ask('resolve', 'deep');
  t.is(told, '192.0.2.3');
});

/** None of them is about a name that does not exist. */
const SETTINGS: readonly (readonly string[])[] = [
  ['--source', '127.0.0.1'],
  ['--family', '6'],
  ['--route', '192.0.2.0/24 any 127.0.0.1 9/5'],
];

asRoot('resolver = system: the fault of a name is told as such, whatever the settings say', async (t) => {
  const start = await world(t);
  for (const args of SETTINGS) {
    const { daemon, ask } = await start(['--resolver', 'system', ...args]);
    t.deepEqual([await ask('connect', 'nosuch.test'), await ask('resolve', 'nosuch.test')], ['4', '4']);
    t.regex(await daemon.line(/ cmd=connect dest=nosuch\.test:7 /), / why=NAME_NOT_FOUND /);
    daemon.signal('SIGTERM');
  }
});
