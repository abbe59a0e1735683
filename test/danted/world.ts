// The namespace of the comparison, from inside: its addresses, names and accounts, and who answers at the ports.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mustRun } from '../support/commands.ts';
import { ACCOUNTS, ADDRESSES, ALIAS, HOSTS, PORTS } from './scenery.ts';

/** In front of a command: it runs alone in namespaces that end with it. Root only. */
export const ALONE = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Builds the scenery around this process; gives a folder for files. */
export async function furnish(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'picosocks5-danted-'));
  await mustRun(['chmod', '755', folder]);
  await mustRun(['ip', 'link', 'set', 'lo', 'up']);
  for (const address of ADDRESSES)
    await mustRun(['ip', 'address', 'add', address, 'dev', 'lo', ...lasting(address)]);
  await mustRun(['ip', 'address', 'add', ALIAS, 'dev', 'lo', 'label', 'lo:0']);
  const hash = (await mustRun(['openssl', 'passwd', '-5', '-salt', 'convertfuzz', 'secret'])).trim();
  const accounts = (line: (name: string) => string): string =>
    ACCOUNTS.map((name) => `${line(name)}\n`).join('');
  await replace(folder, 'hosts', HOSTS);
  await replace(folder, 'resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n');
  await replace(
    folder,
    'passwd',
    readFileSync('/etc/passwd', 'utf8') + accounts((name) => `${name}:x:60000:60000::/:/bin/sh`),
  );
  await replace(
    folder,
    'shadow',
    readFileSync('/etc/shadow', 'utf8') + accounts((name) => `${name}:${hash}:19000:0:99999:7:::`),
  );
  await Promise.all(PORTS.map(answerAt));
  return folder;
}

function lasting(address: string): readonly string[] {
  return address.includes(':') ? ['nodad'] : [];
}

async function replace(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name);
  writeFileSync(file, text);
  await mustRun(['mount', '--bind', file, `/etc/${name}`]);
}

/** Takes every connection, and sends each datagram back. */
async function answerAt(port: number): Promise<void> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(port, '::');
  await once(server, 'listening');
  const socket = createSocket({ type: 'udp6' }).on('message', (bytes, { port: to, address }) => {
    socket.send(bytes, to, address);
  });
  await new Promise<void>((resolve) => socket.bind(port, '::', resolve));
}
