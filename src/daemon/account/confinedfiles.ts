// Files that a confined daemon can still open: those read by a reload, a later thread or a look-up, and those it writes. Grants
// are for folders, because editors mostly replace a file by a new one.
import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../base/packageroot.ts';
import type { Config } from '../../config/model/config.ts';

/** `path` may be a folder, with everything below it; kinds as in native/unix/confine.h. */
export interface FileGrant {
  readonly path: string;
  readonly kind: 'read' | 'replace' | 'name' | 'device';
}

/** The grants of a daemon that has read `files`. Call it inside the chroot, if there is one. */
export function grantsFor(config: Config, files: readonly string[]): readonly FileGrant[] {
  const { stateFile, pidFile, control, ready, metrics, accounting, listen } = config;
  const web = [ready, metrics].map((each) => (each?.kind === 'path' ? each.path : undefined));
  const sockets = listen.flatMap((each) => (each.kind === 'unix' ? [each.path] : []));
  const isBelow = config.chroot === undefined ? isNotRoot : () => true;
  const folders = (path: string | undefined): readonly string[] =>
    path === undefined ? [] : foldersOf(path).filter(isBelow);
  return [
    ...grants('read', SYSTEM_FOLDERS),
    ...grants('read', programFolders().filter(isNotRoot)),
    // A file in the root folder is granted by itself: with its folder everything would be.
    ...grants(
      'read',
      files.flatMap((file) => [file, ...folders(file)]),
    ),
    ...grants('read', RESOLVER_FILES.flatMap(folders)),
    ...grants('device', ['/dev/null']),
    ...grants('replace', folders(stateFile)),
    ...grants('replace', accounting?.kind === 'file' ? folders(accounting.path) : []),
    ...grants('name', [pidFile, control, ...web, ...sockets].flatMap(folders)),
  ];
}

/** Whether `file` is one of `paths`, or lies below one. */
export function isAtOrBelow(file: string, paths: readonly string[]): boolean {
  const real = realPathOf(file);
  return paths.some((path) => {
    const place = realPathOf(path);
    return real === place || real.startsWith(place.endsWith(sep) ? place : place + sep);
  });
}

/**
 * Libraries, modules of the name service, CAs, time zones, and what Node.js and libc ask about the machine. /etc as a whole:
 * hosts, resolv.conf and their like are replaced by new files, and who may read a file is decided by its mode as before.
 */
const SYSTEM_FOLDERS = [
  ...['/etc', '/usr', '/lib', '/lib64', '/nix/store', '/gnu/store'],
  ...['/proc/self', '/proc/sys', '/proc/stat', '/proc/meminfo', '/proc/cpuinfo', '/proc/filesystems'],
  ...['/sys/devices/system/cpu', '/sys/fs/cgroup', '/dev/urandom', '/dev/random'],
  ...['/run/systemd/resolve', '/run/resolvconf', '/run/NetworkManager', '/run/connman'],
];

/** Their link targets may lie elsewhere. */
const RESOLVER_FILES = ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/localtime'];

/** Ours with its packages, and that of Node.js. */
function programFolders(): readonly string[] {
  const own = realPathOf(fileURLToPath(packageRoot()));
  const modules = own.indexOf(`${sep}node_modules${sep}`);
  const binaries = dirname(realPathOf(process.execPath));
  return [
    own,
    ...(modules < 0 ? [] : [join(own.slice(0, modules), 'node_modules')]),
    basename(binaries) === 'bin' ? dirname(binaries) : binaries,
  ];
}

/** Its folder, and where a link leads to. */
function foldersOf(path: string): readonly string[] {
  return [...new Set([dirname(path), dirname(realPathOf(path))])];
}

function isNotRoot(path: string): boolean {
  return path !== sep;
}

/** As far as it exists. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPathOf(parent), basename(path));
  }
}

function grants(kind: FileGrant['kind'], paths: readonly string[]): readonly FileGrant[] {
  return paths.map((path) => ({ path, kind }));
}
