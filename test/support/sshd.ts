// The real sshd(8) on loopback, with keys of its own, for whoever holds the key that comes with it. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { mustRun } from './commands.ts';
import { freePort } from './sockets.ts';

export interface Sshd {
  readonly port: number;
  /** Private key that lets root in. */
  readonly key: string;
}

/** Runs until the end of the test; `folder` holds its files. */
export async function startSshd(t: ExecutionContext, folder: string): Promise<Sshd> {
  const [hostKey, key, config] = ['host', 'client', 'config'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const file of [hostKey, key])
    await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file]);
  const port = await freePort();
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${key}.pub`,
      'StrictModes no',
      'UsePAM no',
      'PidFile none',
      'PermitRootLogin prohibit-password',
    ].join('\n'),
  );
  // Where it locks itself up before a login; it is wiped at each boot.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill();
    await ended;
  });
  await listening(child.stderr);
  return { port, key };
}

async function listening(log: NodeJS.ReadableStream): Promise<void> {
  let said = '';
  for await (const text of log) {
    said += String(text);
    if (said.includes('Server listening')) break;
  }
  if (!said.includes('Server listening')) throw new Error(`sshd: ${said}`);
}
