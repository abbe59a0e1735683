// Mode and group of the files of Unix sockets that are there already: a reload and a takeover change them as the configuration says.
import type { ListenAddress } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { formatPlace } from '../../net/layer.ts';
import type { SocketRights } from '../../net/socketfile.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import { wantedPath, type UnixAddress } from './paths.ts';

type Rights = Pick<Doorkeeper, 'changeRights'>;

/** Two configurations of listeners. */
interface Change {
  readonly before: readonly ListenAddress[];
  readonly after: readonly ListenAddress[];
}

/**
 * Changes what differs; gives the way back. Throws StartFailure, with all rights as they were, for what this account may not do; `undo`
 * is called before.
 */
export function changeRights(server: Rights, change: Change, undo: () => void): () => void {
  const steps: (() => void)[] = [];
  const takeBack = (): void => {
    for (const step of steps.splice(0).reverse()) step();
  };
  for (const address of otherRights(change)) {
    const place = formatPlace(address);
    try {
      const former = server.changeRights(place, rightsOf(address));
      if (former !== undefined) steps.push(() => server.changeRights(place, former));
    } catch (error) {
      takeBack();
      undo();
      throw new StartFailure(EXIT.OS_ERROR, whyNot(address, error), error);
    }
  }
  return takeBack;
}

/** The same for sockets of a daemon before us. Gives a sentence for each that stays as it is. */
export function adaptRights(server: Rights, listen: readonly ListenAddress[]): readonly string[] {
  return listen.filter(isUnix).flatMap((address) => {
    try {
      server.changeRights(formatPlace(address), rightsOf(address));
      return [];
    } catch (error) {
      return whyNot(address, error);
    }
  });
}

function otherRights({ before, after }: Change): readonly UnixAddress[] {
  const known = new Map(before.filter(isUnix).map((each) => [each.path, describe(each)]));
  return after.filter(isUnix).filter((each) => (known.get(each.path) ?? describe(each)) !== describe(each));
}

function isUnix(address: ListenAddress): address is UnixAddress {
  return address.kind === 'unix';
}

/** As it would be made now, by this account. */
function rightsOf(address: UnixAddress): SocketRights {
  const { mode, owner } = wantedPath(address, undefined);
  return { mode, gid: owner?.gid ?? process.getegid?.() ?? 0 };
}

function whyNot(address: UnixAddress, error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException;
  const why = REASONS[code] ?? systemReason(error);
  return `cannot change unix:${address.path} to ${describe(address)}: ${why}`;
}

function describe({ mode, group }: UnixAddress): string {
  const text = `mode=0${mode.toString(8)}`;
  return group === undefined ? text : `${text},group=${group}`;
}

const NOT_ALLOWED =
  'this account may not: the file has to be its own, and the account a member of the group; restart the daemon, which makes the socket anew';

const REASONS: Readonly<Record<string, string>> = {
  EPERM: NOT_ALLOWED,
  EACCES: NOT_ALLOWED,
  ENOENT: 'in a chroot without /proc its path means another place; restart the daemon',
};
