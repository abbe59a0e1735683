// Active FTP as people have it: lftp and curl, made SOCKS clients by Dante's socksify, and vsftpd, which connects back to nobody
// but who has given the command. The proxy has one leg towards the clients and one towards the server. Root only.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExecutionContext } from 'ava';
import { run } from '../support/commands.ts';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { cableNetwork, plugHost } from '../support/network.ts';
import { asRootInTurn as asRoot } from '../support/root.ts';

const FILE = 'by active FTP\n'.repeat(1000);

/** As it is installed, but for one folder and no files of the system; ready when the promise is. */
async function startVsftpd(t: ExecutionContext, host: readonly string[], folder: string): Promise<void> {
  const [root, empty, config] = ['ftp', 'empty', 'vsftpd.conf'].map((name) => join(folder, name));
  for (const each of [root!, empty!]) mkdirSync(each, { recursive: true });
  writeFileSync(join(root!, 'file'), FILE);
  const settings = {
    ...{
      listen: 'NO',
      listen_ipv6: 'YES',
      background: 'NO',
      isolate_network: 'NO',
      connect_from_port_20: 'YES',
    },
    ...{ anonymous_enable: 'YES', no_anon_password: 'YES', anon_root: root!, secure_chroot_dir: empty! },
  };
  writeFileSync(
    config!,
    Object.entries(settings)
      .map((pair) => `${pair.join('=')}\n`)
      .join(''),
  );
  const server = spawn(host[0]!, [...host.slice(1), 'vsftpd', config!], { stdio: 'ignore' });
  t.teardown(() => server.kill('SIGKILL'));
  const probe = [...host, 'curl', '-s', '--noproxy', '*', '--max-time', '2', 'ftp://127.0.0.1/file'];
  while ((await run(probe)).stdout !== FILE) if (server.exitCode !== null) throw new Error('vsftpd ended');
}

/** socksify's configuration for a proxy. One item a line: Dante's parser wants it so. */
function proxyAt(folder: string, address: string, port: number): NodeJS.ProcessEnv {
  const file = join(folder, `socks-${address}.conf`);
  const lines = [
    ...['route {', 'from: 0.0.0.0/0 to: 0.0.0.0/0', `via: ${address} port = ${port}`],
    ...['proxyprotocol: socks_v5', 'command: bind connect', 'method: none', '}'],
  ];
  writeFileSync(file, lines.join('\n') + '\n');
  return { ...process.env, SOCKS_CONF: file };
}

const CLIENTS: readonly (readonly [name: string, command: (url: string) => readonly string[]])[] = [
  ['curl', (url) => ['curl', '-sS', '--max-time', '10', '-P', '-', `${url}/file`]],
  [
    'lftp',
    (url) => [
      'lftp',
      '-c',
      `set ftp:passive-mode no; set net:timeout 5; set net:max-retries 1; open ${url}; cat file`,
    ],
  ],
];

async function boundOf(daemon: Daemon): Promise<readonly string[]> {
  const lines = [await daemon.line(/ connected .*cmd=connect/), await daemon.line(/ listening .*cmd=bind/)];
  return lines.map((line) => /bound=(.*):\d+/.exec(line)?.[1] ?? line);
}

for (const transport of ['engine', 'streams']) {
  asRoot(
    `${transport}: lftp and curl get files by active FTP through a host with two legs, and on it`,
    async (t) => {
      const folder = temporaryFolder(t);
      const { proxyHost, clientHost } = await cableNetwork(t, [['10.9.0.1/24', '10.9.0.2/24']]);
      const ftpHost = await plugHost(t, proxyHost, 'second', [['10.8.0.1/24', '10.8.0.2/24']]);
      await Promise.all([
        startVsftpd(t, ftpHost, join(folder, 'far')),
        startVsftpd(t, proxyHost, join(folder, 'here')),
      ]);
      const args = ['-v', 'debug', '--request', 'all:*', '--transport', transport];
      const daemon = await startDaemon(t, args, { wrapper: proxyHost, listen: ['0.0.0.0:0'] });
      for (const [name, command] of CLIENTS) {
        const env = proxyAt(folder, '10.9.0.1', daemon.port);
        const far = await run([...clientHost, 'socksify', ...command('ftp://10.8.0.2')], { env });
        t.is(far.stdout, FILE, `${name}: ${far.stderr}`);
        t.deepEqual(await boundOf(daemon), ['10.8.0.1', '10.8.0.1']);
      }
      // Dante's client connects to loopback straight, and asks for BIND alone.
      const local = { env: proxyAt(folder, '127.0.0.1', daemon.port) };
      const here = await run([...proxyHost, 'socksify', ...CLIENTS[0]![1]('ftp://127.0.0.1')], local);
      t.is(here.stdout, FILE, here.stderr);
    },
  );
}
