// Three hosts in a row: clients, the proxy, servers. The clients' host has one cable, to the proxy; no route leads further, and no name
// server answers there. Network namespaces without names, so all of it is gone with the last process. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../support/certificates.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { withFilesInPlace } from '../support/mounts.ts';
import { cableNetwork, plugHost } from '../support/network.ts';
import type { Scope } from '../support/scope.ts';
import { CLIENTS, EITHER_PROXY, LOGIN_PROXY, OPEN_PROXY, OUTSIDE, PORTS, WEB, type Proxy } from './place.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

export interface World {
  readonly clients: Place;
  readonly servers: Place;
  /** What the daemons log from now on, when it is asked for. */
  readonly watchLog: () => () => readonly string[];
  /** A new folder, for the files of one client. */
  readonly folder: (name: string) => string;
}

/** A host and what commands need on it. */
export interface Place {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Names of programs are those of Debian, in front of those that a developer has put elsewhere. */
const PATH = `/usr/sbin:/usr/bin:/sbin:/bin:${process.env['PATH'] ?? ''}`;

/** Packages are those of Debian. */
const GO = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode' };

/** As many as programs have by default: the library of Dante looks at each when it starts. */
const FEW_FILES = ['prlimit', '--nofile=1024'];

export async function buildWorld(scope: Scope, packagesOfNpm = ''): Promise<World> {
  const root = temporaryFolder(scope);
  const { proxyHost, clientHost } = await cableNetwork(scope, [
    [`${OPEN_PROXY.host}/24`, `${CLIENTS[0]}/24`],
    [`${LOGIN_PROXY.host}/24`, `${CLIENTS[1]}/24`],
    [`${EITHER_PROXY.host}/24`, `${CLIENTS[2]}/24`],
  ]);
  const serverHost = await plugHost(scope, proxyHost, 'outside', [
    [`${OUTSIDE.ipv4}/24`, `${WEB.ipv4}/24`],
    [`${OUTSIDE.ipv6}/64 nodad`, `${WEB.ipv6}/64 nodad`],
  ]);
  await startServers(scope, serverHost, root);
  const daemons = await startDaemons(scope, proxyHost, root);
  const nothing = join(root, 'resolv.conf');
  writeFileSync(nothing, '# nobody answers\n');
  const env = { PATH, HOME: root, LANG: 'C.UTF-8', NODE_PATH: packagesOfNpm, ...GO, ...trusting(root) };
  return {
    clients: {
      command: [...clientHost, ...FEW_FILES, ...withFilesInPlace({ '/etc/resolv.conf': nothing })],
      env,
    },
    servers: { command: serverHost, env },
    watchLog: () => {
      const seen = daemons.map(({ lines }) => lines.length);
      return () => daemons.flatMap(({ lines }, index) => lines.slice(seen[index]));
    },
    folder: (name) => {
      const folder = join(root, name.replaceAll(/\W/g, '-'));
      mkdirSync(folder, { recursive: true });
      return folder;
    },
  };
}

/** Programs over TLS trust the authority of the web server, each in its own way. */
function trusting(root: string): NodeJS.ProcessEnv {
  const file = join(root, 'ca.pem');
  writeFileSync(join(root, '.wgetrc'), `ca_certificate = ${file}\n`);
  return {
    SSL_CERT_FILE: file,
    CURL_CA_BUNDLE: file,
    GIT_SSL_CAINFO: file,
    npm_config_cafile: file,
    npm_config_fetch_retries: '0',
  };
}

async function startServers(scope: Scope, host: readonly string[], root: string): Promise<void> {
  issueCertificates(root);
  await fillWebSite(join(root, 'web'));
  const program = fileURLToPath(new URL('./servers.ts', import.meta.url));
  const [nsenter, ...args] = [...host, process.execPath, TYPESCRIPT, program, root];
  const servers = spawn(nsenter, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  scope.teardown(() => void servers.kill('SIGKILL'));
  const ended = once(servers, 'exit').then(() => Promise.reject(new Error('the servers ended')));
  await Promise.race([once(servers.stdout, 'data'), ended]);
  ended.catch(() => undefined);
}

/** Of the web server and of the proxies, by one authority. */
function issueCertificates(root: string): void {
  const authority = createAuthority();
  const web = authority.issue(`DNS:${WEB.name},IP:${WEB.ipv4},IP:${WEB.ipv6}`);
  const proxies = authority.issue(`IP:${OPEN_PROXY.host},IP:${LOGIN_PROXY.host}`);
  for (const [from, to] of [
    [web.certFile, 'cert.pem'],
    [web.keyFile, 'key.pem'],
    [proxies.certFile, PROXY_CERT],
    [proxies.keyFile, PROXY_KEY],
    [authority.file, 'ca.pem'],
  ] as const)
    cpSync(from, join(root, to));
}

const PROXY_CERT = 'proxy-cert.pem';
const PROXY_KEY = 'proxy-key.pem';

/** A repository for git(1), one for apt(8), and a registry of one package for npm(1). */
async function fillWebSite(folder: string): Promise<void> {
  mkdirSync(join(folder, 'apt'), { recursive: true });
  writeFileSync(join(folder, 'apt/Packages'), '');
  mkdirSync(join(folder, 'registry'));
  const said = { name: 'hello', version: '1.0.0', description: 'hello through the proxy' };
  const versions = { '1.0.0': { ...said, dist: { tarball: `http://${WEB.name}/registry/hello.tgz` } } };
  const entry = { ...said, 'dist-tags': { latest: '1.0.0' }, versions };
  writeFileSync(join(folder, 'registry/hello'), JSON.stringify(entry));
  const git = [
    'git',
    '-C',
    folder,
    '-c',
    'init.defaultBranch=main',
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@t',
  ];
  await mustRun([...git, 'init', '--quiet', 'tree']);
  const inTree = [...git.slice(0, 2), join(folder, 'tree'), ...git.slice(3)];
  await mustRun([...inTree, 'commit', '--quiet', '--allow-empty', '-m', 'hello through the proxy']);
  await mustRun([...git, 'clone', '--quiet', '--bare', 'tree', 'repository.git']);
  await mustRun(['git', '-C', join(folder, 'repository.git'), 'update-server-info']);
}

/** Failed logins after which a client is banned: as few as a row can make. */
const FEW_LOGINS = '2';

/** One for everybody, one that asks for a login and one that takes it: the same program as an operator starts it. */
async function startDaemons(scope: Scope, host: readonly string[], root: string): Promise<readonly Daemon[]> {
  const users = join(root, 'users');
  const { login } = LOGIN_PROXY;
  writeFileSync(users, await mustRun(['htpasswd', '-nbB', '-C', '4', login!.user, login!.password]));
  const resolver = `${WEB.ipv4}:${PORTS.dns}`;
  const args = ['--network', '*', '--resolver', resolver, '--resolve-commands', '--pac', 'generated'];
  const tls = ['--tls-cert', join(root, PROXY_CERT), '--tls-key', join(root, PROXY_KEY)];
  const start = ({ at, tlsAt }: Proxy, more: readonly string[]) =>
    startDaemon(scope, [...args, ...tls, '--loglevel', 'debug', ...more], {
      wrapper: host,
      listen: [at, `tls:${tlsAt}`],
    });
  const known = ['--auth', `htpasswd:${users}`];
  return Promise.all([
    start(OPEN_PROXY, []),
    start(LOGIN_PROXY, [...known, '--ban-after', FEW_LOGINS]),
    start(EITHER_PROXY, [...known, '--anonymous']),
  ]);
}
