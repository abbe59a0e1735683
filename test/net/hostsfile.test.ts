import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { HostsFile } from '../../src/net/names/hostsfile.ts';
import { ip } from '../support/ip.ts';

async function hostsPath(t: ExecutionContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hosts-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'hosts');
  await writeFile(path, text);
  return path;
}

test('find() notices a rewritten file, but looks only once a second', async (t) => {
  let now = 5000;
  const path = await hostsPath(t, '192.0.2.1 a');
  const hosts = new HostsFile(path, () => now);
  await writeFile(path, '192.0.2.22 a');
  now += 999;
  t.deepEqual(hosts.find('a')?.ipv4, [ip('192.0.2.1')]);
  now += 1;
  t.deepEqual(hosts.find('a')?.ipv4, [ip('192.0.2.22')]);
  t.is(hosts.find('b'), undefined);
});

test('find() keeps what it knew while the file is gone, and reads the next one', async (t) => {
  let now = 0;
  const path = await hostsPath(t, '192.0.2.1 a');
  const hosts = new HostsFile(path, () => now);
  await rm(path);
  now += 1000;
  t.deepEqual(hosts.find('a')?.ipv4, [ip('192.0.2.1')]);
  await writeFile(path, '192.0.2.3 b\n');
  now += 1000;
  t.is(hosts.find('a'), undefined);
  t.deepEqual(hosts.find('b')?.ipv4, [ip('192.0.2.3')]);
});

test('a file that does not exist is an empty one', (t) => {
  t.is(new HostsFile('/nonexistent/hosts', () => 0).find('a'), undefined);
});
