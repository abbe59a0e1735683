// Where a program lets its server listen.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createServer, type ListenOptions } from '../../src/index.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { ip } from '../support/ip.ts';
import { dialUnixWire, dialWire, type Wire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';

for (const transport of ['auto', 'streams'] as const) {
  test(`${transport}: a path is listened on with its mode, and goes with the server`, async (t) => {
    const path = join(temporaryFolder(t), 'socks');
    const server = createServer({ transport });
    t.teardown(() => server.close());
    t.deepEqual(await server.listen({ path, mode: 0o640 }), { path });
    t.is(statSync(path).mode & 0o777, 0o640);
    const wire = await dialUnixWire(path);
    await enter(wire);
    t.regex(server.sessions()[0]?.client.ip ?? '', /^unix:(uid=\d+|unknown)$/);
    wire.socket.destroy();
    const other = await server.listen({ port: 0 });
    t.true('port' in other && other.port > 0);
    await server.close();
    t.false(existsSync(path));
  });
}

for (const transport of ['auto', 'streams'] as const) {
  test(`${transport}: a listener has its own balancers, at a port and at a path`, async (t) => {
    const path = join(temporaryFolder(t), 'socks');
    const server = createServer({ transport, network: '*', proxyProtocol: '127.0.0.0/8' });
    t.teardown(() => server.close());
    const announced = async (wire: Wire): Promise<readonly string[]> => {
      wire.send('PROXY TCP4 192.0.2.7 198.51.100.1 4242 1080\r\n');
      await enter(wire);
      const clients = server.sessions().map(({ client }) => client.ip);
      wire.socket.destroy();
      return clients;
    };
    await server.listen({ path, proxyProtocol: 'unix' });
    t.deepEqual(await announced(await dialUnixWire(path)), ['192.0.2.7']);
    const { port } = (await server.listen({ port: 0 })) as { port: number };
    t.deepEqual((await announced(await dialWire(port))).slice(-1), ['192.0.2.7']);
    const plain = (await server.listen({ port: 0, proxyProtocol: '' })) as { port: number };
    await enter(await dialWire(plain.port));
    t.is(server.sessions().at(-1)?.client.ip, ip('127.0.0.1'));
    await t.throwsAsync(announced(await dialWire(plain.port)));
  });
}

test('what makes no sense is a TypeError that names the key', async (t) => {
  const server = createServer({ transport: 'streams' });
  t.teardown(() => server.close());
  for (const [where, message] of [
    [{ prot: 1 }, /listen\.prot: there is no such option; did you mean "listen\.port"/],
    [{ path: '/x', port: 1 }, /listen\.path: stands without/],
    [{ path: '/x', mode: 0o1000 }, /listen\.mode: must be/],
    [{ path: `/${'x'.repeat(107)}` }, /listen\.path: must be/],
    [{ port: 0, proxyProtocol: 'balancer' }, /^listen\.proxyProtocol: /],
    [{ port: 0, proxyProtocol: true }, /^listen\.proxyProtocol: must be a text/],
    [{ port: 0, host: 'localhost' }, /host: "localhost" is not an IP address/],
  ] as const)
    await t.throwsAsync(server.listen(where as unknown as ListenOptions), { instanceOf: TypeError, message });
});
