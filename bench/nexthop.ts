// TLS towards a proxy: this daemon with a route to a SOCKS5 proxy over TLS, which is stunnel in front of the floor, the same for
// each transport.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runLoad } from './load.ts';
import { PEERS, type Peer } from './peers.ts';
import type { Readings } from './samples.ts';
import { startServer, stopServer, type Server } from './server.ts';
import { timedBulk, type Drive } from './timed.ts';

/** Of each stream before anything is measured. */
const WARM_UP_BYTES = 1e8;

export interface NextHop {
  readonly port: number;
  /** Path of its certificate, which is signed by itself. */
  readonly certificate: string;
  readonly stop: () => Promise<void>;
}

/** Rejects where openssl or stunnel4 is missing. */
export async function startNextHop(folder: string): Promise<NextHop> {
  const [key, certificate] = [join(folder, 'hop-key.pem'), join(folder, 'hop.pem')];
  makeCertificate(key, certificate);
  const proxy = await startServer(
    PEERS.find(({ name }) => name === 'floor')!,
    folder,
  );
  try {
    const stunnel = await startStunnel(folder, (port) => [
      ...[`accept = 127.0.0.1:${port}`, `connect = 127.0.0.1:${proxy.port}`],
      ...[`key = ${key}`, `cert = ${certificate}`],
    ]);
    const stop = async (): Promise<void> => {
      await stopServer(stunnel);
      await stopServer(proxy);
    };
    return { port: stunnel.port, certificate, stop };
  } catch (error) {
    await stopServer(proxy);
    throw error;
  }
}

/** With the settings of its one service. */
export function startStunnel(
  folder: string,
  settingsAt: (port: number) => readonly string[],
): Promise<Server> {
  const command = (port: number): readonly string[] => {
    const file = join(folder, `stunnel-${port}.conf`);
    writeFileSync(file, `${[...STUNNEL, ...settingsAt(port)].join('\n')}\n`);
    return ['stunnel4', file];
  };
  return startServer({ name: 'stunnel', role: 'yardstick', command }, folder);
}

const STUNNEL = [
  ...['foreground = yes', 'pid =', 'debug = 0', 'socket = l:TCP_NODELAY=1', 'socket = r:TCP_NODELAY=1'],
  '[service]',
];

/** Of a server whose connections all go through the next hop. */
export async function tlsRates(drive: Drive): Promise<Readings> {
  await warmUpTls(drive);
  const down1 = await timedBulk(drive, { name: 'tlsDown1', work: 'bytesOfTls' }, 1, 'down');
  const up1 = await timedBulk(drive, { name: 'tlsUp1', work: 'bytesOfTls' }, 1, 'up');
  const down16 = await timedBulk(drive, { name: 'tlsDown16', work: 'bytesOfTls' }, 16, 'down');
  const up16 = await timedBulk(drive, { name: 'tlsUp16', work: 'bytesOfTls' }, 16, 'up');
  return {
    ...{
      tlsDown1Rate: down1.rate,
      tlsDown1Cpu: down1.cpuPerGb,
      tlsUp1Rate: up1.rate,
      tlsUp1Cpu: up1.cpuPerGb,
    },
    ...{ tlsDown16Rate: down16.rate, tlsDown16Cpu: down16.cpuPerGb },
    ...{ tlsUp16Rate: up16.rate, tlsUp16Cpu: up16.cpuPerGb },
  };
}

/** This daemon with the next hop on its way. */
export function startThroughTls(peer: Peer, hop: NextHop, folder: string): Promise<Server> {
  return startServer(peer, folder, peer.throughTls?.(hop.port, hop.certificate));
}

async function warmUpTls({ server, target }: Drive): Promise<void> {
  const options = { proxy: server.port, 'at-once': 4, bytes: WARM_UP_BYTES };
  await runLoad('bulk', { ...options, target: target.source, direction: 'down' });
  await runLoad('bulk', { ...options, target: target.sink, direction: 'up' });
}

/** Signed by itself. */
export function makeCertificate(key: string, certificate: string): void {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', ...kind, ...names, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  });
}
