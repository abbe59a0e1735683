// Acquires the pid file argv[2], says how that went in one line of JSON, and holds it until stdin ends.
// argv: PATH [after: ms since 1970 to start at, for races] [user to become before the release] [`confirm`: serves then]
import { resolveAccount } from '../../src/daemon/account/accounts.ts';
import { dropPrivileges } from '../../src/daemon/account/privileges.ts';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { acquirePidFile } from '../../src/daemon/unix/pidfile.ts';

const [path = '', startAtMs = '0', user, then] = process.argv.slice(2);
// All racers go in the same millisecond.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(0, Number(startAtMs) - Date.now()));
try {
  const file = acquirePidFile(path);
  const account = resolveAccount(user, undefined)?.account;
  if (account !== undefined) dropPrivileges(account);
  if (then === 'confirm') file.confirm();
  say({ pid: process.pid });
  process.stdin.resume().on('end', () => say({ released: file.release() ?? null }));
} catch (error) {
  if (!(error instanceof StartFailure)) throw error;
  say({ status: error.status, message: error.message });
}

function say(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
