// The files, as they were read, and the listeners that workers serve with at present. A worker that comes later gets the same.
import type { KeptAccounts } from '../../auth/files/shadowfile.ts';
import type { ListenAddress } from '../../config/model/config.ts';
import type { Contents } from '../../config/reading/contents.ts';
import type { Addon } from '../../net/native/addon.ts';
import type { Hand } from './hand.ts';
import type { HeldListeners } from './heldlisteners.ts';
import type { ListenPlace, Places } from '../workers/parentmessage.ts';

/** Files that were read for one configuration. */
export interface Read {
  readonly contents: Contents;
  readonly kept: KeptAccounts;
  /** As in Prepare. */
  readonly ticketKeys: Uint8Array | undefined;
}

/** The listeners as addresses to listen on, without anything that had to be looked up. */
function listenOf(places: readonly ListenPlace[]): readonly ListenAddress[] {
  return places.map((place) =>
    'path' in place
      ? { kind: 'unix', path: place.path, mode: 0o600, group: undefined }
      : { kind: 'endpoint', endpoint: place.endpoint, ...(place.tls === true ? { tls: true } : {}) },
  );
}

/** Passes the descriptors of `added` to a worker, in front of the message that names them; those that are not kept are closed. */
export function passPlaces(
  { addon, listeners }: { readonly addon: Addon; readonly listeners: HeldListeners },
  hand: Hand,
  added: readonly ListenPlace[],
  isKept: (place: ListenPlace) => boolean = () => true,
): Places {
  for (const place of added) hand.pass(addon, listeners.descriptorOf(place));
  return { listen: listenOf(listeners.places.filter(isKept)), added };
}
