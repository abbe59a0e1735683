// Dante and picosocks5 with the same configuration, side by side.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { convertFile } from '../../src/daemon/ask/convert.ts';
import { PROGRAM } from '../support/daemon.ts';
import { formatConf, type SockdConf } from './sockdconf.ts';

export const PORT = { dante: 1080, ours: 1081 } as const;

export interface Pair {
  /** What the converter could not carry over, as it tells it. */
  readonly left: readonly string[];
  readonly end: () => Promise<void>;
}

/** What kept one of them from serving: nothing passes there. */
export type Refused = 'refused by dante' | 'closed by the converter';

/** Both serve when it resolves. */
export async function startPair(conf: SockdConf, folder: string): Promise<Pair | Refused> {
  const [theirs, source, ours] = ['danted.conf', 'source.conf', 'ours.conf'].map((name) =>
    join(folder, name),
  );
  writeFileSync(theirs!, formatConf(conf, PORT.dante));
  writeFileSync(source!, formatConf(conf, PORT.ours));
  const left: string[] = [];
  const { text } = convertFile(source!, '/', (line) => left.push(line));
  if (/^LEFT = /m.test(text)) return 'closed by the converter';
  writeFileSync(ours!, text);
  const dante = start(['danted', '-f', theirs!, '-p', join(folder, 'pid')]);
  const own = start([PROGRAM, '--nofork', '--logmode', 'stderr', '--drain', '0', '-c', ours!], {
    PICOSOCKS5_NAT64_PREFIX: 'none',
  });
  const end = async (): Promise<void> => {
    await Promise.all([stop(dante), stop(own)]);
  };
  const serving = await Promise.all([
    serves(dante, conf.door.ipv4, PORT.dante),
    serves(own, conf.door.ipv4, PORT.ours),
  ]);
  if (serving.every(Boolean)) return { left, end };
  await end();
  return serving[0] ? 'closed by the converter' : 'refused by dante';
}

function start(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(program, args, { stdio: 'ignore', detached: true, env: { ...process.env, ...env } });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  await ended;
}

/** Whether somebody listens there before the program ends. */
async function serves(child: ChildProcess, host: string, port: number): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    if (await isOpen(host, port)) return true;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  return false;
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
