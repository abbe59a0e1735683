// Routes that tell by the PROXY protocol who the client is.
import test, { type ExecutionContext } from 'ava';
import { mustBeCidr } from '../../src/base/ip.ts';
import { decodeProxyHeader } from '../../src/protocol/doors/proxyheader.ts';
import { policy, section } from '../support/policy.ts';
import { binaryHeader } from '../support/proxyheaders.ts';
import { routing } from '../support/routes.ts';
import { startServerFor } from '../support/server.ts';
import { dialWire, listenTarget, type Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const GREETING = Uint8Array.of(5, 1, 0);
const connectTo = (port: number): Uint8Array =>
  Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255);

for (const { name, create } of transports) {
  const transport = create();

  /** The far end of a connection by `route`, in which PORT is that of the far end, and the client's. */
  async function go(
    t: ExecutionContext,
    route: string,
    by: 'itself' | 'hidden' = 'itself',
  ): Promise<{ far: Wire; client: Wire; port: number }> {
    const target = await listenTarget();
    t.teardown(() => target.close());
    const server = await startServerFor(t, transport, {
      routing: routing([route.replace('PORT', String(target.port))]),
      policy: policy({ rules: section('', { network: '*', request: 'all:127.0.0.1' }) }),
      proxyProtocol: [mustBeCidr('127.0.0.5/32')],
    });
    const client = await dialWire(server.port, '127.0.0.1', by === 'hidden' ? '127.0.0.5' : '127.0.0.1');
    t.teardown(() => client.socket.destroy());
    if (by === 'hidden') client.send(binaryHeader({ command: 0x20, family: 0, addresses: '' }));
    client.send(Buffer.concat([GREETING, connectTo(target.port), Buffer.from('early')]));
    return { far: await target.accept(), client, port: server.port };
  }

  test(`${name}: the target of a direct route gets the header, and the client's bytes after it`, async (t) => {
    const { far, client, port } = await go(t, '* any send-proxy=v1');
    const from = client.socket.localPort!;
    const header = `PROXY TCP4 127.0.0.1 127.0.0.1 ${from} ${port}\r\n`;
    t.is((await far.take(header.length)).toString(), header);
    t.is((await far.take(5)).toString(), 'early');
    t.is((await client.take(4))[3], 0);
  });

  test(`${name}: the first proxy gets it before the greeting`, async (t) => {
    const { far, client, port } = await go(t, '* any 127.0.0.1 PORT/5 send-proxy=v2');
    const decoded = decodeProxyHeader(await far.take(16 + 12));
    t.like(decoded, {
      kind: 'done',
      value: {
        source: { ip: '127.0.0.1', port: client.socket.localPort! },
        destination: { ip: '127.0.0.1', port },
      },
    });
    t.deepEqual([...(await far.take(3))], [5, 1, 0]);
    far.socket.destroy();
  });

  test(`${name}: of a client that nobody knows no address is told`, async (t) => {
    const { far } = await go(t, '* any send-proxy=v1', 'hidden');
    t.is((await far.take(20)).toString(), 'PROXY UNKNOWN\r\nearly');
  });

  test(`${name}: a route without the key sends none`, async (t) => {
    const { far } = await go(t, '* any 127.0.0.1 PORT/5');
    t.deepEqual([...(await far.take(3))], [5, 1, 0]);
    far.socket.destroy();
  });
}
