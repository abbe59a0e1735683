// A host of its own in which the set-ups of a document are typed: its /etc is a layer on ours, it has a network with nothing but
// itself, and what runs there ends with it. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mustRun, run, type Finished } from './commands.ts';
import { PROGRAM, startCommand, temporaryFolder, type Daemon } from './daemon.ts';
import type { Scope } from './scope.ts';

const SCRIPT = `
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
mkdir -p /etc/picosocks5
ip link set lo up
echo ready
exec cat >&2
`;

const CONF = '/etc/picosocks5/picosocks5.conf';

export interface World {
  /** In front of a command that runs there. */
  readonly inside: readonly string[];
  /** Has a shell there run a line; throws unless it ends with 0. */
  readonly type: (line: string, input?: string) => Promise<string>;
  readonly run: (command: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Finished>;
  readonly write: (path: string, text: string) => Promise<void>;
  /** A program that stays until the test ends. */
  readonly stay: (...command: readonly string[]) => void;
  /** The daemon, with the configuration that stands there. */
  readonly daemon: () => Promise<Daemon>;
}

export async function openWorld(t: Scope): Promise<World> {
  const folder = temporaryFolder(t);
  const flags = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
  // It ends with its stdin, so that even a killed test leaves nothing.
  const holder = spawn('unshare', [...flags, 'sh', '-c', SCRIPT, 'sh', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'exit');
  t.teardown(async () => {
    holder.kill('SIGKILL');
    await exited;
  });
  await Promise.race([once(holder.stdout, 'data'), exited.then(() => Promise.reject(new Error('no world')))]);
  const first = readFileSync(`/proc/${holder.pid!}/task/${holder.pid!}/children`, 'utf8').trim();
  const inside = ['nsenter', '--target', first, '--mount', '--net', '--pid', '--'];
  const type = (line: string, input?: string): Promise<string> =>
    mustRun([...inside, 'sh', '-c', line], input);
  return {
    inside,
    type,
    run: (command, env = {}) => run([...inside, ...command], { env: { ...process.env, ...env } }),
    write: async (path, text) => {
      await type(`cat >'${path}'`, text);
    },
    stay: (...command) => {
      const child = spawn(inside[0]!, [...inside.slice(1), ...command], { stdio: 'ignore' });
      t.teardown(() => void child.kill('SIGKILL'));
    },
    daemon: () => startCommand(t, [...inside, PROGRAM, '--nofork', '--logmode', 'stderr', '-c', CONF]),
  };
}

/** Accounts by name, with their groups beside their own. */
export async function addAccounts(
  { type }: World,
  accounts: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [at, [name, groups]] of Object.entries(accounts).entries()) {
    const id = 64_001 + at;
    const joins = groups.map((group) => `sed -i 's/^${group}:.*/&,${name}/; s/:,/:/' /etc/group`);
    await type(
      [
        `echo '${name}:x:${id}:${id}::/:/usr/sbin/nologin' >>/etc/passwd`,
        `echo '${name}:x:${id}:' >>/etc/group`,
        ...joins,
      ].join('\n'),
    );
  }
}
