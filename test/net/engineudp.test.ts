// What UDP of the engine does beyond the Transport contract: options by side, and closing the engine.
import { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { createEngineTransport, type EngineOptions } from '../../src/net/engine/engine.ts';
import { loadAddon, type Addon } from '../../src/net/native/addon.ts';
import type { Transport, UdpSocket } from '../../src/net/transport.ts';
import { at } from '../support/legs.ts';
import { udpPeer } from '../support/udp.ts';
import { needing } from '../support/needing.ts';

const NOTHING = new Uint8Array();

const loaded = loadAddon();
const addon = 'reason' in loaded ? undefined : loaded;
const native = needing('the native addon', addon !== undefined);

function open(t: ExecutionContext, options: EngineOptions = {}): Transport {
  const engine = createEngineTransport(addon as Addon, { relayThreads: 1, ...options });
  t.teardown(() => engine.close());
  return engine;
}

native('options of outgoing sockets hold outside and not towards clients', async (t) => {
  const engine = open(t, { outgoing: { interface: 'no-such-if0' } });
  const inside = await engine.openUdp(at(0), () => undefined);
  inside.close();
  const refused = engine.openUdp(at(0), () => undefined, 'outside');
  const fault = await t.throwsAsync<Fault>(refused, { instanceOf: Fault });
  t.is(fault.code, 'CONNECT_FORBIDDEN');
  t.regex(String(fault.cause), /SO_BINDTODEVICE .*ENODEV/);
});

native('options that are of TCP do not keep a UDP socket from opening', async (t) => {
  const engine = open(t, { outgoing: { keepAliveSeconds: 30, fastOpen: true, tos: 0x10, freeBind: true } });
  const socket = await engine.openUdp(at(0, '192.0.2.7'), () => undefined, 'outside');
  t.deepEqual({ ...socket.local, port: 0 }, at(0, '192.0.2.7'));
});

native('closing the engine in a callback ends its sockets', async (t) => {
  const engine = open(t);
  const peer = await udpPeer(t);
  let heard = 0;
  const closed = new Promise<UdpSocket>((resolve) => {
    const opened = engine.openUdp(at(0), (bytes, from) => {
      heard += 1;
      void opened.then((socket) => {
        socket.send(NOTHING, bytes, from);
        engine.close();
        socket.send(NOTHING, bytes, from);
        resolve(socket);
      });
    });
    void opened.then(async ({ local }) => {
      for (let count = 0; count < 20; count++) await peer.send('x', local);
    });
  });
  const socket = await closed;
  t.notThrows(() => socket.send(NOTHING, NOTHING, peer.local));
  t.notThrows(() => socket.close());
  t.is((await peer.take(1)).length, 1);
  t.true(heard >= 1);
});

native('a batch reaches as many callbacks as it has datagrams, and some may throw away theirs', async (t) => {
  const engine = open(t);
  const peer = await udpPeer(t);
  const sockets: UdpSocket[] = [];
  // Whoever is first closes all: datagrams of the same batch for the others are nobody's.
  const closeAll = (): void => {
    for (const socket of sockets) socket.close();
  };
  for (let count = 0; count < 8; count++) sockets.push(await engine.openUdp(at(0), closeAll));
  await Promise.all(sockets.map(({ local }) => peer.send('x', local)));
  const echo: UdpSocket = await engine.openUdp(at(0), (bytes, from) => echo.send(NOTHING, bytes, from));
  await peer.send('done', echo.local);
  t.is((await peer.take(1))[0]?.bytes.toString(), 'done');
});

native('the native side checks what it is given', (t) => {
  const { Engine } = addon as Addon;
  const engine = new Engine(1, '', 0, 0, 0, 0, () => undefined);
  const loopback = Uint8Array.of(127, 0, 0, 1);
  t.true(engine.openUdp(loopback, 0, 0, '', 0) < 0, 'without memory');
  t.true(engine.sendUdp(0) < 0);
  const memory = engine.udpMemory();
  t.throws(() => engine.udpMemory(), { message: 'UDP has its memory already' });
  t.true(engine.openUdp(Uint8Array.of(1, 2, 3), 0, 0, '', 0) < 0);
  const handle = engine.openUdp(loopback, 0, 0, '', 0);
  t.true(handle >= 0);
  new Int32Array(memory, 0, 8).set([handle, 2 ** 31 - 1, 2 ** 31 - 1, 4, 9]);
  t.is(engine.sendUdp(1), 0, 'bytes outside of the memory');
  t.true(engine.sendUdp(129) < 0);
  t.is(engine.close(handle, 0), 0);
  t.true(engine.close(handle, 0) < 0);
  new Int32Array(memory, 0, 8).set([handle, 0, 1, 4, 9]);
  t.is(engine.sendUdp(1), 0, 'stale handle');
  t.throws(() => engine.sendUdp('1' as unknown as number), { instanceOf: TypeError });
  engine.destroy();
  t.throws(() => engine.udpMemory(), { message: 'engine is closed' });
});
