// What the engine does beyond the Transport contract: closing it, its options, and life in worker threads.
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import {
  createEngineTransport,
  type EngineOptions,
  type EngineTransport,
} from '../../src/net/engine/engine.ts';
import { loadAddon, type Addon, type NativeEngine } from '../../src/net/native/addon.ts';
import type { Leg, RelayEnd } from '../../src/net/transport.ts';
import { ip } from '../support/ip.ts';
import { dialWire, listenTarget } from '../support/sockets.ts';
import { needing } from '../support/needing.ts';

const LOOPBACK = { ip: ip('127.0.0.1'), port: 0 };
const NO_LIMITS = { idleTimeoutMs: 0, halfClosedTimeoutMs: 0 };
const soon = () => new Deadline(5000, 'CONNECT_TIMEOUT');

const loaded = loadAddon();
const addon = 'reason' in loaded ? undefined : loaded;
const native = needing('the native addon', addon !== undefined);
const nativeAlone = needing('the native addon', addon !== undefined, test.serial);

function open(t: ExecutionContext, options: EngineOptions = { relayThreads: 1 }): EngineTransport {
  const engine = createEngineTransport(addon as Addon, options);
  t.teardown(() => engine.close());
  return engine;
}

async function faultOf(work: Promise<unknown>): Promise<Fault | undefined> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof Fault ? error : undefined;
}

async function acceptOne(engine: EngineTransport, host = '127.0.0.1') {
  const accepted: ((leg: Leg) => void)[] = [];
  const leg = new Promise<Leg>((resolve) => accepted.push(resolve));
  const listener = await engine.listen({ ip: ip(host), port: 0 }, (each) => accepted[0]?.(each));
  const wire = await dialWire(listener.local.port);
  wire.send('!');
  return { leg: await leg, wire, listener };
}

native('close() ends reads, dials and relays, and can be called twice', async (t) => {
  const engine = open(t);
  const { leg: reader, wire: first } = await acceptOne(engine);
  await reader.read();
  const reading = faultOf(reader.read());
  const { leg: client, wire: second } = await acceptOne(engine);
  const target = await listenTarget();
  t.teardown(() => target.close());
  const outgoing = await engine.dial({ ...LOOPBACK, port: target.port }, {}, soon());
  const relay = engine.relay(client, outgoing, NO_LIMITS);
  const ended = new Promise<RelayEnd>((resolve) => relay.whenEnded(resolve));
  const dialling = faultOf(engine.dial({ ...LOOPBACK, port: target.port }, {}, soon()));
  engine.close();
  engine.close();
  t.is((await reading)?.code, 'SHUTTING_DOWN');
  t.is((await dialling)?.code, 'SHUTTING_DOWN');
  t.is((await ended).endedBy, 'cut');
  t.deepEqual(relay.progress(), { bytesUp: 1, bytesDown: 0 });
  t.notThrows(() => reader.close('fin'));
  t.notThrows(() => relay.cut('reset'));
  await Promise.all([first.ending(), second.ending()]);
});

native('a listener on all addresses gives each leg its true local address', async (t) => {
  const engine = open(t);
  const { leg, wire } = await acceptOne(engine, '0.0.0.0');
  t.deepEqual(leg.local, { ip: ip('127.0.0.1'), port: wire.socket.remotePort! });
  leg.close('reset');
  await wire.ending();
});

native('legs of another engine are refused', async (t) => {
  const one = open(t);
  const other = open(t);
  const { leg, wire } = await acceptOne(one);
  t.throws(() => other.relay(leg, leg, NO_LIMITS), { instanceOf: TypeError });
  leg.close('reset');
  await wire.ending();
});

native('an option that the system refuses is named in the fault', async (t) => {
  const engine = open(t, { relayThreads: 1, outgoing: { interface: 'no-such-if0' } });
  const fault = await faultOf(engine.dial({ ...LOOPBACK, port: 9 }, {}, soon()));
  t.is(fault?.code, 'CONNECT_FORBIDDEN');
  t.regex(String(fault?.cause), /SO_BINDTODEVICE .*ENODEV/);
});

native('an option of one connection goes before that of all, and none of it stays', async (t) => {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const at = { ...LOOPBACK, port: target.port };
  const engine = open(t, { relayThreads: 1, outgoing: { interface: 'lo' } });
  const fault = await faultOf(engine.dial(at, { device: 'no-such-if0' }, soon()));
  t.regex(String(fault?.cause), /SO_BINDTODEVICE .*ENODEV/);
  const udp = engine.openUdp(LOOPBACK, () => undefined, 'outside', { device: 'no-such-if0' });
  t.regex(String((await faultOf(udp))?.cause), /SO_BINDTODEVICE .*ENODEV/);
  const leg = await engine.dial(at, {}, soon());
  leg.close('reset');
});

native('options that hold are set: a free source address, a type of service, probes', async (t) => {
  const outgoing = { tos: 0x10, keepAliveSeconds: 30, freeBind: true };
  const engine = open(t, { relayThreads: 1, outgoing });
  const target = await listenTarget();
  t.teardown(() => target.close());
  const leg = await engine.dial({ ...LOOPBACK, port: target.port }, { source: ip('127.0.9.9') }, soon());
  t.is(leg.local.ip, ip('127.0.9.9'));
  leg.close('reset');
});

native('an option out of range throws at once', (t) => {
  for (const outgoing of [
    { tos: 256 },
    { mark: -1 },
    { keepAliveSeconds: 1.5 },
    { interface: 'a'.repeat(16) },
  ]) {
    t.throws(() => open(t, { outgoing }), { instanceOf: RangeError }, JSON.stringify(outgoing));
  }
});

nativeAlone('engines come and go without leaving descriptors', async (t) => {
  const count = () => readdirSync('/proc/self/fd').length;
  createEngineTransport(addon as Addon, { relayThreads: 2 }).close();
  const before = count();
  for (let round = 0; round < 20; round++) {
    const engine = createEngineTransport(addon as Addon, { relayThreads: 2 });
    const { wire } = await acceptOne(engine);
    engine.close();
    await wire.ending();
    wire.socket.destroy();
    await once(wire.socket, 'close');
  }
  t.true(count() <= before + 2, `${count()} descriptors, ${before} before`);
});

native('a worker thread that is terminated takes its engine along', async (t) => {
  const source = `
    const load = require('node-gyp-build');
    const { parentPort } = require('node:worker_threads');
    const { Engine } = load(process.cwd());
    const engine = new Engine(2, '', 0, 0, 0, 0, () => undefined);
    const handle = engine.listen(Uint8Array.of(127, 0, 0, 1), 0, 1);
    parentPort.postMessage(engine.local(handle) & 0xffff);
  `;
  const worker = new Worker(source, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const wire = await dialWire(port);
  wire.send('!');
  await worker.terminate();
  await wire.ending();
  await t.throwsAsync(dialWire(port), { message: /ECONNREFUSED/ });
});

native('the native side checks what it is given', (t) => {
  const { Engine } = addon as Addon;
  t.throws(() => new Engine(1, '', 0, 0, 300, 0, () => undefined), { instanceOf: RangeError });
  t.throws(() => new Engine(1, 'a'.repeat(99), 0, 0, 0, 0, () => undefined), { instanceOf: TypeError });
  const engine = new Engine(1, '', 0, 0, 0, 0, () => undefined);
  t.throws(() => engine.write(1, 'text' as unknown as number), { instanceOf: TypeError });
  t.is(engine.write(1, 64 * 1024 + 1), -constants.errno.EMSGSIZE);
  t.is(engine.write(1, 1), -constants.errno.EBADF);
  t.throws(() => engine.read({} as unknown as number), { instanceOf: TypeError });
  // A method belongs to its engine, whatever it is called on.
  const stranger = Object.create(engine) as NativeEngine;
  t.is(stranger.read(1), -constants.errno.EBADF);
  t.true(
    engine.read(1) < 0 &&
      engine.close(77, 0) < 0 &&
      engine.relay(1, 1, 0, 0, 0, 0, 0, 0, undefined, undefined) < 0,
  );
  t.true(engine.listen(Uint8Array.of(1, 2, 3), 80, 1) < 0);
  engine.destroy();
  engine.destroy();
  t.throws(() => engine.read(1), { message: 'engine is closed' });
});
