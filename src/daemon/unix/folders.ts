// The folders in which root makes files by name. An account that may change such a folder, or one on the path to it, can put a
// link in place of a name between two calls of root, so root uses no such folder (as sshd reads no key file in one, safe_path()
// of OpenSSH). What the service account makes after the drop is the account's affair and may lie in a folder of its own.
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/model/config.ts';
import { EXIT, StartFailure } from './exit.ts';

/** StartFailure (77) with a sentence for each folder in which root would make files and that others may change. */
export function refuseSharedFolders(config: Config): void {
  if (process.geteuid?.() !== 0) return;
  const sentences = new Map<string, string>();
  for (const folder of new Set(filesOfRoot(config).map(([, path]) => dirname(path)))) {
    const shared = findShared(folder);
    const files = filesOfRoot(config).filter(([, path]) => dirname(path) === folder);
    if (shared !== undefined) sentences.set(folder, describeShared(files, shared));
  }
  if (sentences.size > 0) throw new StartFailure(EXIT.NO_PERMISSION, [...sentences.values()].join('\n'));
}

/** How the configuration names it, and its path. */
type FileOfRoot = readonly [string, string];

/** The state file and that of accounts are some only where nothing is dropped. */
function filesOfRoot(config: Config): readonly FileOfRoot[] {
  const { inetd, pidFile, control, ready, metrics, accounting, stateFile, user, listen } = config;
  if (inetd) return [];
  const files = [
    ['pidfile = ', pidFile],
    ['control = ', control],
    ['ready = ', ready?.kind === 'path' ? ready.path : undefined],
    ['metrics = ', metrics?.kind === 'path' ? metrics.path : undefined],
    ['state = ', user === undefined ? stateFile : undefined],
    ['accounting = ', user === undefined && accounting?.kind === 'file' ? accounting.path : undefined],
    ...listen.map((each) => ['listen = unix:', each.kind === 'unix' ? each.path : undefined] as const),
  ] as const;
  return files.flatMap(([name, path]) => (path === undefined ? [] : [[`${name}${path}`, path] as const]));
}

/** A folder, or a symbolic link on the way to one, that others than root may change. */
export interface SharedFolder {
  readonly path: string;
  readonly uid: number;
  /** Permission bits, the sticky bit among them. */
  readonly mode: number;
}

/** As many as the kernel follows (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The first part of the absolute path `folder` that others than root may change, links resolved as the kernel does it; undefined
 * where there is none, or nothing there. In a sticky folder on the path (/tmp) only root can replace files of root.
 */
export function findShared(folder: string): SharedFolder | undefined {
  // The owner of the root folder can replace everything; in a user namespace that need not be uid 0.
  const trusted: readonly number[] = [0, lstatSync('/').uid];
  const names = ['', ...splitPath(folder)];
  let here = '/';
  for (let links = 0; names.length > 0 && links <= MAX_LINKS;) {
    const next = join(here, names.shift() ?? '');
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const role = roleOf(stats, names);
    if (!isSafe(stats, role, trusted)) return { path: next, uid: stats.uid, mode: stats.mode & 0o7777 };
    if (role === 'file') return undefined;
    if (role === 'link') {
      links += 1;
      const target = readlinkSync(next);
      if (target.startsWith('/')) here = '/';
      names.unshift(...splitPath(target));
    } else {
      here = next;
    }
  }
  return undefined;
}

const STICKY = 0o1000;
const WRITABLE_FOR_OTHERS = 0o022;

/**
 * The role of a part of a path: a symbolic link, a file that is no folder, a folder on the path, or the one in which files are
 * made.
 */
type Role = 'link' | 'file' | 'way' | 'end';

function roleOf(stats: Stats, following: readonly string[]): Role {
  if (stats.isSymbolicLink()) return 'link';
  if (!stats.isDirectory()) return 'file';
  return following.some((name) => name !== '.') ? 'way' : 'end';
}

function isSafe({ uid, mode }: Stats, role: Role, trusted: readonly number[]): boolean {
  if (!trusted.includes(uid)) return false;
  if (role === 'link' || (mode & WRITABLE_FOR_OTHERS) === 0) return true;
  return role === 'way' && (mode & STICKY) !== 0;
}

function splitPath(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function describeShared(files: readonly FileOfRoot[], { path, uid, mode }: SharedFolder): string {
  const settings = files.map(([setting]) => setting).join(' and ');
  const elsewhere = 'name a path in a folder of root, such as "install -d -m 755 /run/picosocks5" makes';
  const give = `give it to root with "chown root ${path} && chmod go-w ${path}"`;
  return (
    `cannot use ${settings}: others than root may change ${path} (its owner is uid ${uid}, its mode ` +
    `${mode.toString(8).padStart(4, '0')}) and could put a link to a file of root there: ` +
    ((mode & STICKY) === 0 ? `${give}, or ${elsewhere}` : elsewhere)
  );
}
