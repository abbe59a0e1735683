// The Transport contract: listening, dialling and legs, once for each implementation.
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { parseIp } from '../../src/base/ip.ts';
import type { Leg } from '../../src/net/transport.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { accepted, at, codeOf, listening, soon, text } from '../support/legs.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

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

  test(
    title('abort() rejects the pending read and every later one, and lets the last word out'),
    async (t) => {
      const { leg, wire } = await accepted(t, transport);
      const read = leg.read();
      leg.abort(new Fault('HANDSHAKE_TIMEOUT'));
      t.is(await codeOf(read), 'HANDSHAKE_TIMEOUT');
      t.is(await codeOf(leg.read()), 'HANDSHAKE_TIMEOUT');
      leg.write(Buffer.from('last word'));
      leg.close('fin');
      t.is(text(await wire.rest()), 'last word');
    },
  );

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

  test(title('finish() sends FIN behind what was written, and reading goes on'), async (t) => {
    const { leg, wire } = await accepted(t, transport);
    leg.write(Buffer.from('last word'));
    leg.finish();
    t.is(text(await wire.rest()), 'last word');
    wire.socket.end('answer');
    t.is(text(await leg.read()), 'answer');
    t.is(await leg.read(), undefined);
    leg.close('fin');
  });

  test(
    title('whenDrained() calls at once where nothing waits, else when the peer has taken it'),
    async (t) => {
      const { leg, wire } = await accepted(t, transport);
      wire.socket.pause();
      const piece = randomBytes(65_536);
      let pieces = 0;
      let isDrained = true;
      while (isDrained) {
        leg.write(piece);
        pieces += 1;
        isDrained = false;
        leg.whenDrained(() => (isDrained = true));
        // What the kernel has taken is told within a moment.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      t.true(pieces < 512, `${pieces} pieces`);
      const drained = new Promise<void>((resolve) => leg.whenDrained(resolve));
      leg.finish();
      wire.socket.resume();
      await drained;
      t.is((await wire.rest()).length, pieces * piece.length);
      leg.close('fin');
    },
  );

  test(title('closing twice is allowed; anything else after close throws'), async (t) => {
    const { leg } = await accepted(t, transport);
    leg.close('fin');
    t.notThrows(() => leg.close('reset'));
    t.throws(() => leg.write(Buffer.from('x')), { instanceOf: TypeError });
    t.throws(() => leg.whenDrained(() => undefined), { instanceOf: TypeError });
    t.throws(() => leg.finish(), { instanceOf: TypeError });
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

  test(
    title('a device that cannot be had forbids a dial and a UDP socket, and none is tried without it'),
    async (t) => {
      const server = await listening(t);
      const marks = { device: 'no-such-if0' };
      const attempts = [
        transport.dial(at(server.port), marks, soon()),
        transport.openUdp(at(0), () => undefined, 'outside', marks),
      ];
      for (const attempt of attempts) {
        const error = await t.throwsAsync(attempt);
        t.is(error instanceof Fault ? error.code : error.message, 'CONNECT_FORBIDDEN');
      }
    },
  );

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
    t.is(leg.local.ip, parseIp('127.0.0.77')!);
    leg.close('fin');
  });

  withIpv6(title('dial() reaches IPv6'), async (t) => {
    const server = await listening(t, '::1');
    const leg = await transport.dial(at(server.port, '::1'), {}, soon());
    t.is(leg.local.ip, parseIp('::1')!);
    leg.close('fin');
  });

  test(title('dial() tells refused and unusable source apart'), async (t) => {
    t.is(await codeOf(transport.dial(at(CLOSED_PORT), {}, soon())), 'CONNECTION_REFUSED');
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
}
