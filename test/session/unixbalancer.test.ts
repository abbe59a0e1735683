// Balancers at a Unix socket: whoever may write to it is one only where proxy-protocol says so by that name.
import { join } from 'node:path';
import test from 'ava';
import { uidOf } from '../../src/base/unixclient.ts';
import { parseZonedCidr } from '../../src/base/zoned.ts';
import type { Snapshot } from '../../src/session/session.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';
import { startServerFor } from '../support/server.ts';
import { dialUnixWire, dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const HEADER = 'PROXY TCP4 192.0.2.7 198.51.100.1 4242 1080\r\n';
const GREETING = '\x05\x01\x00';

const behind = (...blocks: readonly string[]): Partial<Snapshot> => ({
  proxyProtocol: blocks.map((block) => parseZonedCidr(block)!),
  policy: policy({ rules: section('', { network: '*' }) }),
});

for (const { name, create } of transports) {
  const transport = create();

  for (const blocks of [['unix'], [`unix:uid=${process.getuid!()}`, '192.0.2.1']]) {
    // Without the addon nobody knows the account.
    if (name === 'streams' && blocks[0] !== 'unix') continue;
    test(`${name}: with ${blocks.join()} a balancer at a Unix socket announces its clients`, async (t) => {
      const path = join(temporaryFolder(t), 'socks');
      const server = await startServerFor(t, transport, behind(...blocks));
      await server.server.listen({ path, mode: 0o600, owner: undefined, layers: [] });
      const wire = await dialUnixWire(path);
      wire.send(HEADER + GREETING);
      t.deepEqual([...(await wire.take(2))], [5, 0]);
      const { session } = await server.event('accepted');
      t.is(session.client.ip, ip('192.0.2.7'));
      t.regex(session.introduction?.balancer.ip ?? '', /^unix:/);
      wire.socket.destroy();
    });
  }

  test(`${name}: trust in 127.0.0.1 is none in its accounts, nor the other way round`, async (t) => {
    const path = join(temporaryFolder(t), 'socks');
    const server = await startServerFor(
      t,
      transport,
      behind('127.0.0.0/8', '0.0.0.0/0', 'unix:uid=4294967294'),
    );
    await server.server.listen({ path, mode: 0o600, owner: undefined, layers: [] });
    const plain = await dialUnixWire(path);
    plain.send(GREETING);
    t.deepEqual([...(await plain.take(2))], [5, 0]);
    const forger = await dialUnixWire(path);
    forger.send(HEADER + GREETING);
    await forger.ending();
    const { fault, session } = await server.event('refused');
    t.is(fault.code, 'PROXY_HEADER_UNTRUSTED');
    t.true(session.client.ip.startsWith('unix:'));
    if (name === 'engine') t.is(uidOf(session.client.ip), process.getuid!());
    plain.socket.destroy();
    const other = await startServerFor(t, transport, behind('unix'));
    const straight = await dialWire(other.port);
    straight.send(GREETING);
    t.deepEqual([...(await straight.take(2))], [5, 0]);
    straight.socket.destroy();
  });
}
