// TLS in front: a server that speaks TLS with its clients, for which one stunnel speaks. The yardstick is a bare tls.Server that relays.
import { join } from 'node:path';
import { makeCertificate, startStunnel } from './nexthop.ts';
import type { Peer } from './peers.ts';
import type { Readings } from './samples.ts';
import { startServer, stopServer, type Server } from './server.ts';
import { timedBulk, type Drive } from './timed.ts';

/** Before anything is measured. */
const WARM_UP = { name: 'tlsFrontWarmUp', work: 'bytesOfTls' } as const;

export interface Fronted {
  /** Its port is that of stunnel, its process the server. */
  readonly server: Server;
  readonly stop: () => Promise<void>;
}

/** Rejects where openssl or stunnel4 is missing. */
export async function startBehindTls(peer: Peer, folder: string): Promise<Fronted> {
  const [key, certificate] = [join(folder, 'front-key.pem'), join(folder, 'front.pem')];
  makeCertificate(key, certificate);
  const command = (port: number): readonly string[] => peer.behindTls?.(port, certificate, key) ?? [];
  const server = await startServer({ ...peer, command }, folder);
  try {
    const stunnel = await startStunnel(folder, (port) => [
      ...['client = yes', `accept = 127.0.0.1:${port}`, `connect = 127.0.0.1:${server.port}`],
    ]);
    const stop = async (): Promise<void> => {
      await stopServer(stunnel);
      await stopServer(server);
    };
    return { server: { ...server, port: stunnel.port }, stop };
  } catch (error) {
    await stopServer(server);
    throw error;
  }
}

export async function tlsFrontRates(drive: Drive): Promise<Readings> {
  for (const direction of ['down', 'up'] as const) await timedBulk(drive, WARM_UP, 4, direction);
  const down = await timedBulk(drive, { name: 'tlsFrontDown1', work: 'bytesOfTls' }, 1, 'down');
  const up = await timedBulk(drive, { name: 'tlsFrontUp1', work: 'bytesOfTls' }, 1, 'up');
  return {
    tlsFrontDown1Rate: down.rate,
    tlsFrontDown1Cpu: down.cpuPerGb,
    tlsFrontUp1Rate: up.rate,
    tlsFrontUp1Cpu: up.cpuPerGb,
  };
}
