// UDP through the built daemon, with a client in another language.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { openAssociation } from '../support/associations.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';
import { startDnsServer } from '../support/dns.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { startDante } from '../support/upstreams.ts';

const CLIENT = fileURLToPath(new URL('../support/udpclient.py', import.meta.url));

async function udpEcho(t: ExecutionContext, host: string): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  t.teardown(() => socket.close());
  socket.on('message', (bytes, { address, port }) => socket.send(bytes, port, address));
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket.address().port;
}

withIpv6('a DNS query, a name and IPv6 pass through one association, and a stranger does not', async (t) => {
  const dns = await startDnsServer({
    'host.test': { a: ['192.0.2.80'] },
    'other.test': { a: ['192.0.2.81'] },
    'stolen.test': { a: ['192.0.2.82'] },
  });
  t.teardown(() => dns.close());
  const echo6 = await udpEcho(t, '::1');
  const { port, line } = await startDaemon(t);
  const printed = await mustRun(['python3', CLIENT, String(port), String(dns.endpoint.port), String(echo6)]);
  const server = ['127.0.0.1', dns.endpoint.port];
  t.deepEqual(JSON.parse(printed), {
    dns: { source: server, address: '192.0.2.80' },
    byName: { source: server, address: '192.0.2.81' },
    echo6: { source: ['::1', echo6], payload: 'six' },
    after: 'still here',
  });
  t.deepEqual(dns.queries, ['A host.test', 'A other.test']);
  const ended = await line(/ ended /);
  t.regex(
    ended,
    /cmd=assoc dest=0\.0\.0\.0:0 up=\d+ down=\d+ secs=[\d.]+ why=client-(fin|reset) dropped=stranger:1$/,
  );
});

test('descriptors and memory are given back after 200 associations', async (t) => {
  const { port, pid, line, signal } = await startDaemon(t);
  const targets = [
    { ip: '127.0.0.1', port: await udpEcho(t, '127.0.0.1') },
    { ip: '::1', port: await udpEcho(t, '::1') },
  ];
  const round = async (): Promise<void> => {
    const each = await openAssociation(t, port);
    for (const target of targets)
      await each.send('x'.repeat(1000), target as Parameters<typeof each.send>[1]);
    for (const target of targets) t.truthy((await each.answer()).payload.length, target.ip);
    each.wire.socket.end();
    await each.wire.ending();
    await line(/ ended .*cmd=assoc/);
  };
  /** Once the daemon has had time to close what it has said goodbye to. */
  const held = async (): Promise<{ descriptors: number; bytes: number }> => {
    signal('SIGUSR1');
    await line(/ counters /);
    return { descriptors: readdirSync(`/proc/${pid}/fd`).length, bytes: residentBytes(pid) };
  };
  for (let count = 0; count < 20; count++) await round();
  const before = await held();
  for (let count = 0; count < 200; count += 20) await Promise.all(Array.from({ length: 20 }, round));
  const after = await held();
  t.is(after.descriptors, before.descriptors);
  // AddressSanitizer keeps what is freed for a while.
  const mebibytes = process.env['PICOSOCKS5_TEST_ASAN'] === undefined ? 24 : 200;
  t.true(
    after.bytes - before.bytes < mebibytes * 1_048_576,
    `${after.bytes - before.bytes} bytes more than before`,
  );
});

test('through Dante and a daemon of ours descriptors are given back, in each of them', async (t) => {
  const target = { ip: '127.0.0.1', port: await udpEcho(t, '127.0.0.1') };
  const far = await startDaemon(t);
  const dante = await startDante(t);
  const front = await startDaemon(t, ['--route', `* any 127.0.0.1 ${far.port}/5 127.0.0.1 ${dante}/5`]);
  const round = async (): Promise<void> => {
    const each = await openAssociation(t, front.port);
    await each.send('there and back', target as Parameters<typeof each.send>[1]);
    t.is((await each.answer()).payload.toString(), 'there and back');
    each.wire.socket.end();
    await each.wire.ending();
    await Promise.all([front.line(/ ended .*cmd=assoc/), far.line(/ ended .*cmd=assoc/)]);
  };
  const held = async (): Promise<readonly number[]> =>
    Promise.all(
      [front, far].map(async ({ pid, signal, line }) => {
        signal('SIGUSR1');
        await line(/ counters /);
        return readdirSync(`/proc/${pid}/fd`).length;
      }),
    );
  for (let count = 0; count < 5; count++) await round();
  const before = await held();
  for (let count = 0; count < 100; count += 10) await Promise.all(Array.from({ length: 10 }, round));
  let after = await held();
  // A closed connection waits a moment for the FIN of Dante.
  for (let more = 0; more < 100 && !isDeepStrictEqual(after, before); more++) {
    await round();
    after = await held();
  }
  t.deepEqual(after, before);
});

function residentBytes(pid: number): number {
  const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1];
  return Number(pages) * 4096;
}
