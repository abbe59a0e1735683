// All listeners of a daemon at its start: those that systemd passes, those of the daemon before us, and our own.
import { formatEndpoint } from '../base/ip.ts';
import type { Config } from '../config/config.ts';
import type { Server } from '../session/server.ts';
import { openListeners, wantedListeners } from './listen.ts';
import { servePassedSockets, takePassedSockets } from './passed.ts';
import { findPredecessor, type Asker, type Predecessor } from './takeover.ts';

export interface Doors {
  /** `ADDRESS:PORT` of those that systemd has passed. */
  readonly inherited: readonly string[];
  readonly predecessor: Predecessor | undefined;
  /**
   * Accepts on those of the predecessor as well, to be called when nothing can fail any more: clients that come over them
   * would be lost. Rejects with StartFailure.
   */
  readonly openLast: () => Promise<void>;
}

/** To be called as root, for privileged ports. Rejects with StartFailure. */
export async function openDoors(server: Server, config: Config, asker: Asker): Promise<Doors> {
  const inherited = (await servePassedSockets(server, takePassedSockets())).map(formatEndpoint);
  const predecessor = findPredecessor(config, asker);
  const wanted = await wantedListeners(config, inherited);
  await openListeners(server, wanted, [...inherited, ...(predecessor?.listen ?? [])]);
  const addresses = wanted.map(({ endpoint }) => formatEndpoint(endpoint));
  predecessor?.renew(addresses);
  return { inherited, predecessor, openLast: async () => predecessor?.inherit(server) };
}
