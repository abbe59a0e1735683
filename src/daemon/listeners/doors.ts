// All listeners of a daemon at its start: those that systemd passes, those of the daemon before us, and our own.
import type { Config } from '../../config/model/config.ts';
import { isUnixListen } from '../../config/values/unixlisten.ts';
import { formatPlace } from '../../net/layer.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import { findPredecessor, type Asker, type Predecessor } from '../takeover/takeover.ts';
import type { Covers } from './covers.ts';
import { coveredOf, openListeners, steadyOf, wantedListeners } from './listen.ts';
import { adaptRights } from './rights.ts';
import { servePassedSockets, takePassedSockets } from './passed.ts';

/** Listeners that stay, as `ADDRESS:PORT` or `unix:PATH`. */
export interface StandingListeners {
  /** That systemd has passed: whatever the configuration names. */
  readonly inherited: readonly string[];
  /** Those and all that do not come and go with an interface. */
  readonly steady: readonly string[];
}

export interface Doors {
  readonly standing: StandingListeners;
  readonly predecessor: Predecessor | undefined;
  /**
   * Accepts on those of the predecessor as well, to be called when nothing can fail any more: clients that come over them
   * would be lost. Rejects with StartFailure.
   */
  readonly openLast: () => Promise<void>;
}

export interface DoorParts {
  readonly server: Doorkeeper;
  readonly covers: Covers;
}

/** To be called as root, for privileged ports. Rejects with StartFailure. */
export async function openDoors({ server, covers }: DoorParts, config: Config, asker: Asker): Promise<Doors> {
  const inherited = await servePassedSockets(server, covers, takePassedSockets());
  const predecessor = findPredecessor(config, asker);
  const wanted = await wantedListeners(config, inherited, asker.account);
  covers.follow(coveredOf(wanted));
  await openListeners(server, wanted, [...inherited, ...(predecessor?.listen ?? [])], (...asked) =>
    covers.planFor(...asked),
  );
  const addresses = wanted.map(formatPlace);
  predecessor?.renew(addresses);
  // A start that fails later, and a bug, leave no socket behind; that of a daemon before us is its own until we serve.
  const made = server.listening.filter(isUnixListen);
  process.once('exit', () => {
    for (const place of made) server.unlisten(place);
  });
  const steady = [...inherited, ...steadyOf(wanted)];
  return {
    standing: { inherited, steady },
    predecessor,
    openLast: async () => {
      if (predecessor === undefined) return;
      await predecessor.inherit(server, covers);
      // In a chroot nobody knows the files by their paths.
      if (config.chroot === undefined) for (const why of adaptRights(server, config.listen)) asker.warn(why);
    },
  };
}
