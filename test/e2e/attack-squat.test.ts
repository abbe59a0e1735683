// Clients that ask BIND for the ports of services of this host, one session for each; the services start all the same.
import { once } from 'node:events';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { readEphemeralPorts } from '../../src/net/native/ephemeralports.ts';
import { askBind, takeReply } from '../support/bind.ts';
import { mustRun } from '../support/commands.ts';
import { startDaemon } from '../support/daemon.ts';
import { cableNetwork } from '../support/network.ts';
import { asRoot } from '../support/root.ts';
import { dialWire } from '../support/sockets.ts';

/** Fewer than one client may have waiting. */
const SESSIONS = 24;
const { low, high } = readEphemeralPorts();
/** Where services are, and no other test of this machine gets a port from the system. */
const FIRST = low - SESSIONS;
const SERVICES = Array.from({ length: SESSIONS }, (_, at) => FIRST + at);

/** Whether a service of this host can listen there. */
async function canStart(t: ExecutionContext, port: number): Promise<boolean> {
  const service = createServer();
  service.listen(port, '127.0.0.1');
  try {
    await once(service, 'listening');
  } catch {
    return false;
  }
  t.teardown(() => service.close());
  return true;
}

async function squat(t: ExecutionContext, proxy: number): Promise<readonly number[]> {
  const told: number[] = [];
  for (const port of SERVICES) {
    const client = await askBind(proxy, { from: '127.0.0.1', port });
    t.teardown(() => client.socket.destroy());
    const { code, bound } = await takeReply(client);
    t.is(code, 0);
    told.push(bound.port);
  }
  return told;
}

test('clients of BIND take no port of a service, and one that is honest meets its peer', async (t) => {
  const { port } = await startDaemon(t);
  const told = await squat(t, port);
  t.log(
    `${SESSIONS} sessions wait at ${Math.min(...told)} to ${Math.max(...told)}; asked for ${FIRST} and up`,
  );
  for (const each of told) t.true(each >= low && each <= high, String(each));
  for (const service of SERVICES) t.true(await canStart(t, service), String(service));
  const honest = await askBind(port, { from: '127.0.0.1' });
  const { bound } = await takeReply(honest);
  const peer = await dialWire(bound.port);
  t.is((await takeReply(honest)).code, 0);
  for (const { socket } of [honest, peer]) socket.destroy();
});

test('a range that the operator has opened is given as it is asked for', async (t) => {
  const { port } = await startDaemon(t, ['--bind-ports', `${FIRST}-${high}`]);
  const client = await askBind(port, { from: '127.0.0.1', port: FIRST });
  t.teardown(() => client.socket.destroy());
  t.is((await takeReply(client)).bound.port, FIRST);
});

asRoot(
  "ephemeral ports that the kernel reserves are no client's, in the network that the daemon is in",
  async (t) => {
    const { proxyHost, clientHost } = await cableNetwork(t, [['192.0.2.1/24', '192.0.2.2/24']]);
    const settings = [
      'net.ipv4.ip_local_port_range=30000 30003',
      'net.ipv4.ip_local_reserved_ports=30001-30002',
    ];
    for (const setting of settings) await mustRun([...proxyHost, 'sysctl', '-q', '-w', setting]);
    await startDaemon(t, ['--network', '*'], { wrapper: proxyHost, listen: ['192.0.2.1:1080'] });
    const script = `
import socket
for wanted in (30001, 30002, 30003):
    s = socket.create_connection(("192.0.2.1", 1080), 5)
    s.sendall(bytes((5, 1, 0)) + bytes((5, 2, 0, 1, 192, 0, 2, 2)) + wanted.to_bytes(2, "big"))
    got = b""
    while len(got) < 12:
        got += s.recv(12 - len(got))
    print(wanted, int.from_bytes(got[10:12], "big"))
    s.close()
`;
    const told = await mustRun([...clientHost, 'python3', '-c', script]);
    const ports = told
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number));
    for (const [wanted, got] of ports) t.true(got === 30_000 || got === 30_003, `${wanted}: ${got}`);
    t.deepEqual(ports.at(-1), [30_003, 30_003]);
  },
);
