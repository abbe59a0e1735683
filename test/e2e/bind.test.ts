// BIND with a real FTP server that connects back to its client, and where the daemon waits for it.
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { askBind, takeReply } from '../support/bind.ts';
import { mustRun } from '../support/commands.ts';
import { runProgram, startDaemon, temporaryFolder } from '../support/daemon.ts';

/** That of the system, for which there is a package of the FTP server. */
const PYTHON = '/usr/bin/python3';
const CLIENT = fileURLToPath(new URL('../support/socksftp.py', import.meta.url));

/** Serves `folder` to anonymous clients, for writing too; the port. */
async function startFtpServer(t: ExecutionContext, folder: string): Promise<string> {
  const args = ['-u', '-m', 'pyftpdlib', '-i', '127.0.0.1', '-p', '0', '-w', '-d', folder];
  const child = spawn(PYTHON, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => child.kill());
  const lines = createInterface({ input: child.stderr });
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const port = /starting FTP server on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(port);
    });
    lines.on('close', () => reject(new Error('the FTP server ended')));
  });
}

test('files come and go by active FTP: CONNECT for the commands, BIND for each file', async (t) => {
  const daemon = await startDaemon(t, ['-v', 'debug']);
  const folder = temporaryFolder(t);
  const server = join(folder, 'server');
  mkdirSync(server);
  const ftpPort = await startFtpServer(t, server);
  const transfer = async (how: 'get' | 'put', name: string, file: string): Promise<void> => {
    await mustRun([PYTHON, CLIENT, String(daemon.port), ftpPort, how, name, join(folder, file)]);
  };
  const content = randomBytes(3_000_000);
  writeFileSync(join(folder, 'here'), content);
  await transfer('put', 'there', 'here');
  t.true(readFileSync(join(server, 'there')).equals(content));
  await transfer('get', 'there', 'back');
  t.true(readFileSync(join(folder, 'back')).equals(content));
  t.regex(await daemon.line(/ listening .*cmd=bind/), new RegExp(`dest=127\\.0\\.0\\.1:${ftpPort} `));
  t.regex(await daemon.line(/ ended .*cmd=bind.* up=3000000 /), / down=0 /);
  t.regex(await daemon.line(/ ended .*cmd=bind.* down=3000000 /), / up=0 /);
});

test('a reload moves the address of BIND, or says why not and changes nothing', async (t) => {
  const config = join(temporaryFolder(t), 'picosocks5.conf');
  writeFileSync(config, 'bind = 127.0.0.44\n');
  const daemon = await startDaemon(t, ['-c', config]);
  const reload = async (text: string): Promise<string> => {
    writeFileSync(config, text);
    daemon.signal('SIGHUP');
    return daemon.line(/ reloaded | reload-failed /);
  };
  const meetingAddress = async (): Promise<string> => {
    const client = await askBind(daemon.port);
    const { bound } = await takeReply(client);
    client.socket.destroy();
    return bound.ip;
  };
  t.is(await meetingAddress(), '127.0.0.44');
  t.regex(await reload('bind = @nosuch0\n'), /cannot wait for BIND at @nosuch0: .*; nothing was changed/);
  t.is(await meetingAddress(), '127.0.0.44');
  t.regex(await reload('bind = 127.0.0.45\n'), / reloaded /);
  t.is(await meetingAddress(), '127.0.0.45');
});

test('an interface without address is a failed start', async (t) => {
  const { status, stderr } = await runProgram([
    '--nofork',
    '--logmode',
    'stderr',
    '-B',
    '@nosuch0',
    '127.0.0.1:0',
  ]);
  t.is(status, 71);
  t.regex(stderr, /cannot wait for BIND at @nosuch0: no such interface/);
});
