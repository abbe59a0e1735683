// The Transport contract: listeners that somebody else has opened, once for each implementation.
import { openSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadAddon, type Addon } from '../../src/net/native/addon.ts';
import {
  connectUnix,
  descriptorOf,
  receiveDescriptors,
  sendDescriptors,
} from '../../src/net/native/descriptors.ts';
import type { Leg, Listener, Transport } from '../../src/net/transport.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { at, text } from '../support/legs.ts';
import { dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const found = loadAddon();
const addon = 'reason' in found ? undefined : found;

/** A copy of a descriptor, by the only way that Node and the addon have: it is sent to ourselves. */
async function copyOf(t: ExecutionContext, native: Addon, descriptor: number): Promise<number> {
  const path = join(temporaryFolder(t), 'socket');
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  t.teardown(() => server.close());
  const near = connectUnix(native, path, 1000);
  const [far] = (await once(server, 'connection')) as [Socket];
  t.teardown(() => far.destroy());
  sendDescriptors(native, descriptorOf(far)!, Buffer.from('here'), [descriptor]);
  const { bytes, descriptors } = receiveDescriptors(native, near);
  t.is(text(bytes), 'here');
  t.is(descriptors.length, 1);
  return descriptors[0]!;
}

async function plainServer(t: ExecutionContext, host = '127.0.0.1'): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(0, host);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return server;
}

/** Serves by `transport` on a listener that somebody else has opened and closed; `leg` is that of the first client. */
async function serveInherited(t: ExecutionContext, transport: Transport, host: string) {
  const server = await plainServer(t, host);
  const { port } = server.address() as AddressInfo;
  const copy = await copyOf(t, addon!, descriptorOf(server)!);
  server.close();
  const legs: ((leg: Leg) => void)[] = [];
  const leg = new Promise<Leg>((resolve) => legs.push(resolve));
  const listener = await transport.listenOn(copy, (each) => legs.shift()?.(each));
  t.teardown(() => listener.close());
  return { port, listener, leg };
}

for (const { name, create } of addon === undefined ? [] : transports) {
  const title = (sentence: string) => `${name}: ${sentence}`;
  const transport = create();

  test(
    title('serves on a listener that somebody else has opened, after that one has closed it'),
    async (t) => {
      const { port, listener, leg } = await serveInherited(t, transport, '127.0.0.1');
      t.deepEqual(listener.local, at(port));
      const wire = await dialWire(port);
      wire.send('hello');
      t.is(text(await (await leg).read()), 'hello');
      wire.socket.destroy();
      (await leg).close('fin');
    },
  );

  test(title('clients of IPv4 that come over a listener of both families are clients of IPv4'), async (t) => {
    const { port, listener, leg } = await serveInherited(t, transport, '::');
    t.deepEqual(listener.local, at(port, '::'));
    const wire = await dialWire(port);
    wire.send('x');
    t.is((await leg).remote.ip, at(0).ip);
    t.deepEqual((await leg).local, at(port));
    wire.socket.destroy();
    (await leg).close('fin');
  });

  test(title('a listener can be passed on and both ends accept until one closes'), async (t) => {
    const ignore = (leg: Leg): void => leg.close('fin');
    const first = await transport.listen(at(0), ignore);
    const copy = await copyOf(t, addon!, first.descriptor!);
    const second: Listener = await transport.listenOn(copy, (leg) => {
      leg.write(Buffer.from('second'));
      leg.close('fin');
    });
    t.teardown(() => second.close());
    first.close();
    const wire = await dialWire(first.local.port);
    wire.send('x');
    t.is(text(await wire.rest()), 'second');
    wire.socket.destroy();
  });

  test(title('a connection, a Unix socket and a file are no listeners, and say so by a code'), async (t) => {
    const server = await plainServer(t);
    const { port } = server.address() as AddressInfo;
    const unix = createServer();
    unix.listen(join(temporaryFolder(t), 'unix'));
    await once(unix, 'listening');
    t.teardown(() => unix.close());
    const wire = await dialWire(port);
    t.teardown(() => wire.socket.destroy());
    const useless = [
      await copyOf(t, addon!, descriptorOf(wire.socket)!),
      await copyOf(t, addon!, descriptorOf(unix)!),
      openSync('/dev/null', 'r'),
    ];
    for (const descriptor of useless) {
      const error = await t.throwsAsync(transport.listenOn(descriptor, (leg) => leg.close('fin')));
      t.regex(String((error as NodeJS.ErrnoException).code), /^E/, error.message);
    }
  });
}

if (addon !== undefined) {
  test('connecting to nobody, and waiting for nobody, are errors of the system', async (t) => {
    const path = join(temporaryFolder(t), 'socket');
    t.is(t.throws<NodeJS.ErrnoException>(() => connectUnix(addon, path, 100)).code, 'ENOENT');
    const server = createServer();
    server.listen(path);
    await once(server, 'listening');
    t.teardown(() => server.close());
    const near = connectUnix(addon, path, 20);
    t.is(t.throws<NodeJS.ErrnoException>(() => receiveDescriptors(addon, near)).code, 'EAGAIN');
  });
}
