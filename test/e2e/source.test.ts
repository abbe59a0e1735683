// Any address of an IPv6 prefix as source: what docs/ways-out.md tells to set up, in a namespace of the test's own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mustRun } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';
import { cableNetwork } from '../support/network.ts';
import { asRoot } from '../support/root.ts';

const TARGET = `
  const server = require('node:net').createServer((socket) => socket.resume().end(socket.remoteAddress));
  server.listen(8000, '2001:db8:ff::2', () => console.log('ready'));
`;

const CLIENT = `
  const socket = require('node:net').connect(Number(process.argv[1]), '::1', () => socket.write(Buffer.concat([
    Buffer.from([5, 1, 0, 5, 1, 0, 4]), Buffer.from('20010db800ff00000000000000000002', 'hex'),
    Buffer.from([8000 >> 8, 8000 & 255])])));
  let all = Buffer.alloc(0);
  socket.on('data', (bytes) => (all = Buffer.concat([all, bytes])));
  socket.on('close', () => console.log(all.subarray(24).toString()));
`;

asRoot('sessions leave from any address of a prefix that the kernel routes here', async (t) => {
  const network = await cableNetwork(t, [['2001:db8:ff::1/64 nodad', '2001:db8:ff::2/64 nodad']]);
  const here = (command: string) => mustRun([...network.proxyHost, ...command.split(' ')]);
  await here('ip -6 route add local 2001:db8:1::/64 dev lo');
  const there = [
    ...network.clientHost,
    'ip',
    '-6',
    'route',
    'add',
    '2001:db8:1::/64',
    'via',
    '2001:db8:ff::1',
  ];
  await mustRun(there);
  const far = [...network.clientHost, process.execPath, '-e', TARGET];
  const target = spawn(far[0]!, far.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => target.kill('SIGKILL'));
  await once(target.stdout, 'data');
  // Only the engine has freebind.
  const args = [
    '--transport',
    'engine',
    '--source',
    '2001:db8:1::/64',
    '--freebind',
    '--request',
    'all:2001:db8:ff::/64',
  ];
  const daemon = await startDaemon(t, args, { wrapper: network.proxyHost, listen: ['[::1]:0'] });
  const seen = new Set<string>();
  for (let at = 0; at < 3; at++) {
    const command = [...network.proxyHost, process.execPath, '-e', CLIENT, String(daemon.port)];
    seen.add((await mustRun(command)).trim());
  }
  t.is(seen.size, 3);
  for (const address of seen) t.regex(address, /^2001:db8:1:0?:/);
});
