// Bulk through the built daemon, every byte compared, by the program of "make bulk-test"; and the pipes that root opens for it.
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { mustRun, run } from '../support/commands.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';

const SOURCE = fileURLToPath(new URL('../bulk/bulk.c', import.meta.url));

test('48 MB on four streams, in both directions at once, arrive unchanged, and a changed byte would be found', async (t) => {
  const program = join(temporaryFolder(t), 'bulk');
  await mustRun(['cc', '-std=c11', '-O1', '-o', program, SOURCE, '-lpthread']);
  const { port } = await startDaemon(t);
  const told = await mustRun([program, `proxy=${port}`, 'bytes=48000000', 'streams=4']);
  const { streams, up, down } = JSON.parse(told) as Record<string, number>;
  t.deepEqual([streams, up, down], [4, 24_000_000, 24_000_000]);
  const damaged = await run([program, `proxy=${port}`, 'bytes=8000000', 'streams=2', 'damage=1999999']);
  t.is(damaged.status, 1);
  t.regex(damaged.stderr, /^bulk: stream 0 up, byte 1999999: [0-9a-f]{2} instead of [0-9a-f]{2}$/m);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot(
  'what root opens before it becomes another account, that account keeps: 32 ends of pipes for each thread',
  async (t) => {
    const args = ['--transport', 'engine', '-u', 'nobody', '--relay-threads'];
    const one = await startDaemon(t, [...args, '1']);
    const three = await startDaemon(t, [...args, '3'], { wrapper: ['prlimit', '--nofile=4096'] });
    t.is(pipeEnds(three.pid) - pipeEnds(one.pid), 2 * 32);
  },
);

function pipeEnds(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((fd) => readlinkSync(join(folder, fd)).startsWith('pipe:')).length;
}
