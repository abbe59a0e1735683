// Unix sockets to listen on: whose their files will be, and why one cannot be made.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config, ListenAddress } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import type { PathPlan } from '../../net/layer.ts';
import { namesOfSocket } from '../../net/unixlistener.ts';
import { parseId, type UnixAccount } from '../account/accounts.ts';
import { findGroup } from '../account/passwd.ts';
import { findUnixHolders } from '../takeover/portholders.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

/** A Unix socket to make. */
export interface WantedPath extends Omit<PathPlan, 'layers'> {
  readonly optional: false;
}

export type UnixAddress = Extract<ListenAddress, { kind: 'unix' }>;

/** Leaves the owner, or the group, as it is. */
const AS_IT_IS = -1;

/** Throws StartFailure for a group that is not there. */
export function wantedPath({ path, mode, group }: UnixAddress, account: UnixAccount | undefined): WantedPath {
  // Only root may give files away.
  const owner = process.geteuid?.() === 0 ? account : undefined;
  const gid = group === undefined ? owner?.gid : groupOf(path, group);
  const isOurs = owner === undefined && gid === undefined;
  return {
    path,
    mode,
    optional: false,
    owner: isOurs ? undefined : { uid: owner?.uid ?? AS_IT_IS, gid: gid ?? AS_IT_IS },
  };
}

function groupOf(path: string, group: string): number {
  const gid = parseId(group) ?? findGroup(group)?.gid;
  if (gid !== undefined) return gid;
  throw new StartFailure(
    EXIT.CONFIG,
    `cannot listen on unix:${path}: no such group "${group}"; see "getent group" for the groups of this host`,
  );
}

export function cannotListenAtPath(path: string, error: NodeJS.ErrnoException): StartFailure {
  return new StartFailure(EXIT.OS_ERROR, `cannot listen on unix:${path}: ${whyNot(path, error)}`, error);
}

function whyNot(path: string, error: NodeJS.ErrnoException): string {
  const { code = '' } = error;
  if (code === 'EADDRINUSE') return `${holderOf(path)} listens there; stop it first, or choose another path`;
  if (code === 'EACCES' || code === 'ENOENT') return whyNoRoom(dirname(path), error);
  return REASONS[code] ?? systemReason(error);
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'what is there is no socket; remove it or choose another path',
  ENAMETOOLONG: 'the streams transport makes it as PATH.new, which is too long; choose a shorter path',
  EPERM: 'this account may not give the socket to that group: make it a member, or start as root',
};

function holderOf(path: string): string {
  const [holder] = findUnixHolders(namesOfSocket(path));
  return holder === undefined
    ? 'another process ("ss -xlp" shows which)'
    : `${holder.name}, process ${holder.pid},`;
}

function whyNoRoom(folder: string, error: unknown): string {
  if (!existsSync(folder)) return `there is no folder ${folder}`;
  const hint = 'a confined daemon makes sockets only in folders in which it had some at its start';
  return `this account may make no socket in ${folder}: ${systemReason(error)} (${hint})`;
}

/** StartFailure for Unix sockets that would be made in a chroot, where the path means another place. */
export function refuseInChroot({ chroot }: Pick<Config, 'chroot'>, added: readonly object[]): void {
  const [first] = added.filter((each): each is WantedPath => 'path' in each);
  if (chroot === undefined || first === undefined) return;
  const why = `since the start this daemon is in ${chroot}, where that is another place; restart it`;
  throw new StartFailure(EXIT.OS_ERROR, `cannot listen on unix:${first.path}: ${why}`);
}
