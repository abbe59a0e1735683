// The Transport contract, once for each implementation.
import { createHash, randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { Deadline } from '../../src/base/deadline.ts';
import { Fault } from '../../src/base/fault.ts';
import { parseIp, type Endpoint } from '../../src/base/ip.ts';
import type { Leg, Relay, RelayLimits, Transport } from '../../src/net/transport.ts';
import { closedPort, dialWire, listenTarget, type Target, type Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const NO_LIMITS: RelayLimits = { idleTimeoutMs: 0, halfClosedTimeoutMs: 0 };

const at = (port: number, ip = '127.0.0.1'): Endpoint => ({ ip: parseIp(ip)!, port });
const soon = () => new Deadline(5000, 'CONNECT_TIMEOUT');
const text = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => new Error('did not fail'),
    (reason: unknown) => reason,
  );
  return error instanceof Fault ? error.code : String(error);
}

/** An accepted leg and the client at its other end. */
async function accepted(t: ExecutionContext, transport: Transport): Promise<{ leg: Leg; wire: Wire }> {
  const legs: ((leg: Leg) => void)[] = [];
  const leg = new Promise<Leg>((resolve) => legs.push(resolve));
  const listener = await transport.listen(at(0), (each) => legs.shift()?.(each));
  t.teardown(() => listener.close());
  const wire = await dialWire(listener.local.port);
  t.teardown(() => wire.socket.destroy());
  // A server may wait for the first bytes of a client before it hands the leg over.
  wire.send('!');
  const made = await leg;
  if (text(await made.read()) !== '!') throw new Error('first byte lost');
  return { leg: made, wire };
}

interface Relayed {
  readonly client: Wire;
  readonly target: Wire;
  readonly relay: Relay;
}

async function relayed(
  t: ExecutionContext,
  transport: Transport,
  limits = NO_LIMITS,
  early = '',
): Promise<Relayed> {
  const { leg, wire: client } = await accepted(t, transport);
  const server = await listening(t);
  const outgoing = await transport.dial(at(server.port), {}, soon());
  const target = await server.accept();
  leg.unread(Buffer.from(early));
  return { client, target, relay: transport.relay(leg, outgoing, limits) };
}

async function listening(t: ExecutionContext, host?: string): Promise<Target> {
  const target = await listenTarget(host);
  t.teardown(() => target.close());
  return target;
}

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  test(title('a leg reads what arrives, then undefined after FIN'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.send('one');
    t.is(text(await leg.read()), 'one');
    wire.socket.end('two');
    t.is(text(await leg.read()), 'two');
    t.is(await leg.read(), undefined);
    t.is(await leg.read(), undefined);
    leg.close('fin');
  });

  test(title('a leg knows both of its ends'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    t.deepEqual(leg.remote, at(wire.socket.localPort!));
    t.deepEqual(leg.local, at(wire.socket.remotePort!));
    leg.close('fin');
  });

  test(title('unread bytes come first'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.send('later');
    const later = await leg.read();
    leg.unread(later!.subarray(2));
    leg.unread(Buffer.from('first'));
    t.is(text(await leg.read()), 'first');
    t.is(text(await leg.read()), 'ter');
    leg.close('fin');
  });

  test(title('a reset rejects the read'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const read = leg.read();
    wire.socket.resetAndDestroy();
    t.is(await codeOf(read), 'PEER_RESET');
    t.is(await codeOf(leg.read()), 'PEER_RESET');
    leg.write(Buffer.from('nobody hears this'));
    leg.close('fin');
  });

  test(title('whenReset() hears a reset between two reads'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    const heard = new Promise<Fault>((resolve) => leg.whenReset(resolve));
    wire.socket.resetAndDestroy();
    t.is((await heard).code, 'PEER_RESET');
    leg.close('fin');
  });

  test(title('abort() rejects the pending read and every later one'), async (t) => {
    const { leg } = await accepted(t, transport);
    const read = leg.read();
    leg.abort(new Fault('HANDSHAKE_TIMEOUT'));
    t.is(await codeOf(read), 'HANDSHAKE_TIMEOUT');
    t.is(await codeOf(leg.read()), 'HANDSHAKE_TIMEOUT');
    leg.close('fin');
  });

  test(title('close(fin) delivers the last bytes though input was left unread'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.send(randomBytes(30_000));
    await leg.read();
    leg.write(Buffer.from('goodbye'));
    leg.close('fin');
    wire.send(randomBytes(30_000));
    t.is(text(await wire.rest()), 'goodbye');
  });

  test(title('close(reset) sends RST'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    leg.close('reset');
    t.is(await wire.ending(), 'reset');
  });

  test(title('closing twice is allowed; anything else after close throws'), async (t) => {
    const { leg } = await accepted(t, transport);
    leg.close('fin');
    t.notThrows(() => leg.close('reset'));
    t.throws(() => leg.write(Buffer.from('x')), { instanceOf: TypeError });
    t.throws(() => leg.unread(Buffer.from('x')), { instanceOf: TypeError });
    t.throws(() => void leg.read(), { instanceOf: TypeError });
  });

  test(title('listen() rejects with the system’s error'), async (t) => {
    const busy = await listening(t);
    const error = await t.throwsAsync(transport.listen(at(busy.port), () => undefined));
    t.is((error as NodeJS.ErrnoException).code, 'EADDRINUSE');
  });

  test(title('a closed listener refuses, its legs live on'), async (t) => {
    let leg: Leg | undefined;
    const got = new Promise<void>((resolve) => {
      void transport
        .listen(at(0), (each) => {
          leg = each;
          resolve();
        })
        .then(async (listener) => {
          const wire = await dialWire(listener.local.port);
          t.teardown(() => wire.socket.destroy());
          wire.send('a');
          await got;
          listener.close();
          await t.throwsAsync(dialWire(listener.local.port), { message: /ECONNREFUSED/ });
          wire.send('b');
        });
    });
    await got;
    const first = text(await leg!.read())!;
    t.is(first === 'ab' ? first : first + text(await leg!.read())!, 'ab');
    leg!.close('fin');
  });

  test(title('dial() gives the true local endpoint'), async (t) => {
    const server = await listening(t);
    const leg = await transport.dial(at(server.port), {}, soon());
    const wire = await server.accept();
    t.deepEqual(leg.local, at(wire.socket.remotePort!));
    t.deepEqual(leg.remote, at(server.port));
    leg.close('fin');
    t.is(await wire.ending(), 'fin');
  });

  test(title('dial() takes the source address it is given'), async (t) => {
    const server = await listening(t);
    const leg = await transport.dial(at(server.port), { source: parseIp('127.0.0.77')! }, soon());
    const wire = await server.accept();
    t.is(wire.socket.remoteAddress, '127.0.0.77');
    t.is(leg.local.ip, parseIp('127.0.0.77'));
    leg.close('fin');
  });

  test(title('dial() reaches IPv6'), async (t) => {
    const server = await listening(t, '::1');
    const leg = await transport.dial(at(server.port, '::1'), {}, soon());
    t.is(leg.local.ip, parseIp('::1'));
    leg.close('fin');
  });

  test(title('dial() tells refused and unusable source apart'), async (t) => {
    t.is(await codeOf(transport.dial(at(await closedPort()), {}, soon())), 'CONNECTION_REFUSED');
    const server = await listening(t);
    const foreign = { source: parseIp('192.0.2.1')! };
    t.is(await codeOf(transport.dial(at(server.port), foreign, soon())), 'SOURCE_UNAVAILABLE');
  });

  test(title('dial() ends with the fault of its deadline'), async (t) => {
    const server = await listening(t);
    const deadline = soon();
    const dialled = transport.dial(at(server.port), {}, deadline);
    deadline.end(new Fault('SHUTTING_DOWN'));
    t.is(await codeOf(dialled), 'SHUTTING_DOWN');
    t.is(await codeOf(transport.dial(at(server.port), {}, deadline)), 'SHUTTING_DOWN');
  });

  test(title('relay() delivers early bytes first and counts both directions'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, NO_LIMITS, 'early');
    t.is(text(await target.take(5)), 'early');
    client.send('more');
    t.is(text(await target.take(4)), 'more');
    target.send('answer');
    t.is(text(await client.take(6)), 'answer');
    client.socket.end();
    t.is(await target.ending(), 'fin');
    target.socket.end();
    t.deepEqual(await relay.ended, { bytesUp: 9, bytesDown: 6, endedBy: 'client-fin' });
  });

  test(title('relay() passes a half close in each direction and keeps the other open'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    target.socket.end('bye');
    t.is(text(await client.rest()), 'bye');
    client.send('still here');
    t.is(text(await target.take(10)), 'still here');
    client.socket.end('last');
    t.is(text(await target.rest()), 'last');
    t.deepEqual(await relay.ended, { bytesUp: 14, bytesDown: 3, endedBy: 'target-fin' });
  });

  test(title('relay() keeps a FIN that came before it'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    wire.socket.end('request');
    const bytes = await leg.read();
    t.is(await leg.read(), undefined);
    const server = await listening(t);
    const outgoing = await transport.dial(at(server.port), {}, soon());
    const target = await server.accept();
    leg.unread(bytes!);
    const relay = transport.relay(leg, outgoing, NO_LIMITS);
    t.is(text(await target.rest()), 'request');
    target.socket.end('late answer');
    t.is(text(await wire.rest()), 'late answer');
    t.is((await relay.ended).endedBy, 'client-fin');
  });

  test(title('relay() mirrors a reset of the client'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    client.socket.resetAndDestroy();
    t.is(await target.ending(), 'reset');
    t.is((await relay.ended).endedBy, 'client-reset');
  });

  test(title('relay() mirrors a reset of the target'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    target.socket.resetAndDestroy();
    t.is(await client.ending(), 'reset');
    t.is((await relay.ended).endedBy, 'target-reset');
  });

  test(title('relay() ends when both sides are silent for the idle limit'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, {
      idleTimeoutMs: 150,
      halfClosedTimeoutMs: 0,
    });
    t.is((await relay.ended).endedBy, 'idle-timeout');
    t.is(await client.ending(), 'fin');
    t.is(await target.ending(), 'fin');
  });

  test(title('relay() ends a half-closed pair that stays silent'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, {
      idleTimeoutMs: 60_000,
      halfClosedTimeoutMs: 150,
    });
    client.socket.end();
    t.is(await target.ending(), 'fin');
    t.is((await relay.ended).endedBy, 'half-closed-timeout');
  });

  test(title('relay() counts activity in either direction against the idle limit'), async (t) => {
    const { client, target, relay } = await relayed(t, transport, {
      idleTimeoutMs: 400,
      halfClosedTimeoutMs: 0,
    });
    const started = performance.now();
    while (performance.now() - started < 1000) {
      target.send('x');
      await client.take(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    t.true(relay.progress().bytesDown > 5);
    t.is((await relay.ended).endedBy, 'idle-timeout');
  });

  test(title('relay() can be cut from outside'), async (t) => {
    const soft = await relayed(t, transport);
    soft.relay.cut('fin');
    t.is(await soft.client.ending(), 'fin');
    t.is((await soft.relay.ended).endedBy, 'cut');
    const hard = await relayed(t, transport);
    hard.relay.cut('reset');
    t.is(await hard.target.ending(), 'reset');
    t.is((await hard.relay.ended).endedBy, 'cut');
  });

  test(title('relay() carries 64 MiB in both directions at once unchanged'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    const size = 64 * 1024 * 1024;
    const [up, down] = await Promise.all([transfer(client, target, size), transfer(target, client, size)]);
    t.is(up.received, up.sent);
    t.is(down.received, down.sent);
    const end = await relay.ended;
    t.deepEqual([end.bytesUp, end.bytesDown], [size, size]);
  });

  test(title('relay() stops reading a sender whose receiver has stopped'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    client.socket.pause();
    const chunk = Buffer.alloc(65_536);
    let sent = 0;
    while (target.socket.write(chunk) || (await drained(target))) sent += chunk.length;
    t.true(sent < 32 * 1024 * 1024, `sender was stopped after ${sent} bytes`);
    client.socket.resume();
    await drained(target);
    relay.cut('reset');
    await relay.ended;
  });

  test(title('a leg of another transport is refused'), (t) => {
    const stranger = {} as Leg;
    t.throws(() => transport.relay(stranger, stranger, NO_LIMITS), { instanceOf: TypeError });
  });
}

/** Whether the socket drains within a moment; false says that the other side has stopped taking. */
function drained(wire: Wire): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 1000);
    wire.socket.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

async function transfer(from: Wire, to: Wire, size: number): Promise<{ sent: string; received: string }> {
  const received = createHash('sha256');
  to.socket.removeAllListeners('data');
  to.socket.on('data', (bytes) => received.update(bytes));
  const ended = new Promise((resolve) => to.socket.once('end', resolve));
  const sent = createHash('sha256');
  const chunk = randomBytes(1024 * 1024);
  for (let left = size; left > 0; left -= chunk.length) {
    chunk.writeUInt32BE(left, 0);
    const piece = Buffer.from(chunk);
    sent.update(piece);
    if (!from.socket.write(piece)) await new Promise((resolve) => from.socket.once('drain', resolve));
  }
  from.socket.end();
  await ended;
  return { sent: sent.digest('hex'), received: received.digest('hex') };
}
