// What the tests run in the background: argv is what to do, and a port where the test listens for the facts.
import { readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { backgroundChild } from '../../src/daemon/unix/background-child.ts';

const [deed = '', port] = process.argv.slice(2);
const startDirectory = process.cwd();
const child = backgroundChild();

// The test learns of our start by this connection, and of our end by its end; it ends us by closing it.
const observer = connect(Number(port), '127.0.0.1');
observer.on('close', () => process.exit());
process.on('SIGTERM', () => observer.end(JSON.stringify({ ended: 'SIGTERM' })));

const deeds: Readonly<Record<string, () => void>> = {
  ready() {
    child?.print('warning: first line\nsecond line\n');
    child?.ready();
    observer.write(`${JSON.stringify(observeSelf())}\n`);
  },
  fail() {
    for (let line = 0; line < 20; line += 1) child?.print(`warning ${line}\n`);
    child?.failed('cannot listen on *:1080: address in use\n  held by nobody we know', 71);
    process.exit(71);
  },
  permission() {
    child?.failed('cannot run as user "x"', 77);
    process.exit(77);
  },
  throw() {
    throw new Error('a bug');
  },
  killed: () => process.kill(process.pid, 'SIGKILL'),
  exit: () => process.exit(3),
  hang: () => observer.write('started\n'),
};
observer.once('connect', () => deeds[deed]?.());

function observeSelf(): Record<string, unknown> {
  const stat = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]?.split(' ') ?? [];
  return {
    pid: process.pid,
    session: Number(stat[3]),
    startDirectory,
    folder: child?.folder,
    umask: /^Umask:\t(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1],
    stdio: [0, 1, 2].map((descriptor) => readlinkSync(`/proc/self/fd/${descriptor}`)),
    argv: process.argv.slice(2),
    title: process.title,
  };
}
