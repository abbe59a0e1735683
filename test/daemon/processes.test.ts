import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import test from 'ava';
import { isAlive, parseStat, startTimeMs } from '../../src/daemon/unix/processes.ts';

test('isAlive() knows the living from the dead', async (t) => {
  t.true(isAlive(process.pid));
  t.true(isAlive(1));
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid!;
  t.true(isAlive(pid));
  child.stdin.end();
  await once(child, 'exit');
  t.false(isAlive(pid));
});

test('isAlive() takes a zombie for dead', async (t) => {
  // The second shell does not know of the first one's child, so nobody waits for that: a zombie once it ends.
  const script = `cat <&3 >/dev/null & exec sh -c "echo $!; exec sleep 60"`;
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
  t.teardown(() => parent.kill('SIGKILL'));
  const [chunk] = (await once(parent.stdout!, 'data')) as [Buffer];
  const pid = Number(chunk.toString());
  t.true(isAlive(pid));
  const input = parent.stdio[3] as Socket;
  await once(input.end(), 'finish');
  t.true(becomesZombie(pid));
  t.notThrows(() => process.kill(pid, 0), 'the kernel still knows it');
  t.false(isAlive(pid));
});

/** Asks ps, which takes longer than the end of cat, a few times. */
function becomesZombie(pid: number): boolean {
  const ps = (): string => spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  return Array<undefined>(100)
    .fill(undefined)
    .some(() => ps().startsWith('Z'));
}

test('startTimeMs() is right to two seconds', (t) => {
  const startedMs = startTimeMs(process.pid) ?? 0;
  const expectedMs = Date.now() - process.uptime() * 1000;
  t.true(Math.abs(startedMs - expectedMs) < 2000, `${startedMs} and ${expectedMs}`);
});

test('startTimeMs() is undefined for a process that is not there', (t) => {
  t.is(startTimeMs(2 ** 30), undefined);
});

test('parseStat() reads past a command with parentheses and spaces', (t) => {
  const numbers = Array.from({ length: 40 }, (_, index) => index + 4).join(' ');
  t.deepEqual(parseStat(`7 (a) b (c) S ${numbers}`), { state: 'S', startTicks: 22 });
  t.is(parseStat(''), undefined);
  t.is(parseStat('7 (x) S 1 2'), undefined);
});
