// The systemd unit that starts a daemon with this configuration: root runs --check as itself, but the unit starts the daemon as
// another account, in folders that systemd makes.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Unit {
  readonly name: string;
  /** The account that it starts as; undefined: root. */
  readonly user: string | undefined;
  readonly group: string | undefined;
  /** 0: nothing runs. */
  readonly mainPid: number;
  /** Absolute paths of folders that systemd makes at the start, owned by `user`. */
  readonly folders: readonly string[];
}

/** The folder that sd_booted(3) looks for. */
const BOOTED = '/run/systemd/system';

const UNIT = 'picosocks5.service';
const PATIENCE_MS = 5000;

/** The unit of this program, if it reads one of `files`; undefined when systemd does not run, or has no such unit. */
export function findUnit(files: readonly string[]): Unit | undefined {
  if (!existsSync(BOOTED)) return undefined;
  try {
    return parseUnit(
      execFileSync('systemctl', ['show', UNIT], {
        timeout: PATIENCE_MS,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
      files,
    );
  } catch {
    return undefined;
  }
}

/** Reads the output of "systemctl show". */
export function parseUnit(text: string, files: readonly string[]): Unit | undefined {
  const said = new Map(text.split('\n').map((line) => cutAt(line, '=')));
  const command = (said.get('ExecStart') ?? '').split(' ');
  if (!files.some((file) => command.includes(file))) return undefined;
  const user = said.get('User') ?? '';
  return {
    name: UNIT,
    user: ['', 'root', '0'].includes(user) ? undefined : user,
    group: said.get('Group') || undefined,
    mainPid: Number(said.get('MainPID') ?? 0),
    folders: [
      ...foldersIn('/run', said.get('RuntimeDirectory')),
      ...foldersIn('/var/lib', said.get('StateDirectory')),
    ],
  };
}

function foldersIn(place: string, names = ''): readonly string[] {
  return names
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => join(place, name));
}

function cutAt(line: string, mark: string): readonly [string, string] {
  const at = line.indexOf(mark);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
