// Drops privileges as the daemon does, in a process of its own, and prints what is left as JSON.
// argv: {"user", "group"?, "chroot"?, "secret"?, "thenUser"?, "thenChroot"?}
import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { resolveAccount, type UnixAccount } from '../../src/daemon/account/accounts.ts';
import { dropPrivileges } from '../../src/daemon/account/privileges.ts';
import { StartFailure } from '../../src/daemon/unix/exit.ts';

interface Orders {
  readonly user: string;
  readonly group?: string;
  readonly chroot?: string;
  readonly secret?: string;
  readonly thenUser?: string;
  readonly thenChroot?: string;
}

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const worker = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', {
  eval: true,
});
await once(worker, 'online');
// A thread of the libuv pool, too, lives before the drop.
await import('node:fs/promises').then(({ stat }) => stat('/'));
// Opened as root, to be able to look from within a chroot.
const main = openSync('/proc/self/status', 'r');

try {
  const sentences = [dropPrivileges(accountOf(orders.user, orders.group), orders.chroot)];
  if (orders.thenUser !== undefined) {
    sentences.push(dropPrivileges(accountOf(orders.thenUser), orders.thenChroot));
  }
  process.stdout.write(JSON.stringify({ sentences, ...observe() }));
} catch (error) {
  if (!(error instanceof StartFailure)) throw error;
  process.stdout.write(JSON.stringify({ status: error.status, message: error.message }));
}
await worker.terminate();

function accountOf(user: string, group?: string): UnixAccount {
  const resolution = resolveAccount(user, group);
  if (resolution === undefined) throw new Error('no user');
  return resolution.account;
}

function observe(): Record<string, unknown> {
  const own = readFileSync(main, 'latin1');
  closeSync(main);
  return {
    main: pick(own),
    threads: attempt(() => {
      const ids = readdirSync('/proc/self/task');
      return ids.map((id) => pick(readFileSync(`/proc/self/task/${id}/status`, 'latin1')));
    }),
    directory: process.cwd(),
    root: readdirSync('/'),
    secret:
      orders.secret === undefined ? undefined : attempt(() => readFileSync(orders.secret ?? '', 'utf8')),
    setuid: attempt(() => process.setuid?.(0) ?? 'root again'),
  };
}

function pick(status: string): Record<string, string> {
  const lines = status.split('\n').filter((line) => /^(Uid|Gid|Groups|CapPrm|CapEff):/.test(line));
  return Object.fromEntries(
    lines.map((line) => line.split(':').map((part) => part.trim()) as [string, string]),
  );
}

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
