// Clients of a TLS listener that mean no good: handshakes by the hundred that stop half-way, drip or are junk, beside an
// honest client.
import { connect } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { dialFrom, hammer } from '../support/attackers.ts';
import { p99Of, serveOnce } from '../support/bystander.ts';
import { descriptorsOf, residentBytes, untilGivenBack } from '../support/footprint.ts';
import { listenTarget, type Wire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { NAME, tlsDaemon } from '../support/tlsdoor.ts';
import { startStunnelClient } from '../support/upstreams.ts';

/** More than one client may have in the antechamber. */
const HALF = 400;
const DRIPPING = 100;
const JUNK = 100;
const LIMIT_MS = 400;

/** The first flight of a client of TLS 1.3. */
async function clientHello(t: ExecutionContext): Promise<Buffer> {
  const target = await listenTarget();
  t.teardown(() => target.close());
  const socket = connect({ port: target.port, host: '127.0.0.1', servername: NAME });
  socket.on('error', () => undefined);
  const wire = await target.accept();
  const head = await wire.take(5);
  const body = await wire.take(head.readUInt16BE(3));
  socket.destroy();
  return Buffer.concat([head, body]);
}

/** `count` clients from four addresses that send `bytes`, and what they are told. */
async function crowd(t: ExecutionContext, port: number, count: number, bytes: Uint8Array): Promise<Wire[]> {
  const wires: Wire[] = [];
  await hammer(count, 16, async (id) => {
    const wire = await dialFrom(t, `127.0.3.${1 + (id % 4)}`, port);
    wire.socket.on('error', () => undefined);
    wire.send(bytes);
    wires.push(wire);
  });
  return wires;
}

test.serial(
  'half handshakes, drips and junk are ended in time, and an honest client is served meanwhile',
  async (t) => {
    const { port, authority, daemon } = await tlsDaemon(t, 'loglevel = notice\n');
    const echo = await echoServer(t);
    const stunnel = await startStunnelClient(t, port, { ca: authority.file, name: NAME });
    const hello = await clientHello(t);
    await serveOnce(stunnel, echo);
    for (const { socket } of await crowd(t, port, 50, hello)) socket.destroy();
    await untilGivenBack(daemon, descriptorsOf(daemon));
    const before = { descriptors: descriptorsOf(daemon), bytes: residentBytes(daemon) };

    // The whole hello: a signature is made for each. They never go on.
    const half = await crowd(t, port, HALF, hello);
    const dripping = await crowd(t, port, DRIPPING, hello.subarray(0, 1));
    let at = 1;
    const drip = setInterval(() => {
      for (const { socket } of dripping) if (socket.writable) socket.write(hello.subarray(at, at + 1));
      at += 1;
    }, 250);
    t.teardown(() => clearInterval(drip));
    // Looks like TLS by its first byte; what follows is none.
    const junk = await crowd(
      t,
      port,
      JUNK,
      Buffer.concat([Buffer.from([0x16, 3, 1]), Buffer.alloc(2000, 0xff)]),
    );
    const p99 = await p99Of(() => serveOnce(stunnel, echo), { samples: 20, limitMs: LIMIT_MS });
    t.deepEqual(new Set(await Promise.all(junk.map((wire) => wire.ending()))), new Set(['reset']));
    await Promise.all([...half, ...dripping].map((wire) => wire.ending()));
    clearInterval(drip);
    await untilGivenBack(daemon, before.descriptors);
    const grown = (residentBytes(daemon) - before.bytes) / 2 ** 20;
    t.log(`p99 of an honest client ${p99.toFixed(0)} ms, memory grew by ${grown.toFixed(0)} MiB`);
    t.true(p99 < LIMIT_MS, `p99 was ${p99} ms`);
    t.true(grown < 100, `it grew by ${grown} MiB`);
    await serveOnce(stunnel, echo);
    daemon.signal('SIGTERM');
    t.is(await daemon.exited, 0);
    const told = daemon.lines.filter((line) => line.includes(' turned-away '));
    t.true(told.length < 30, told.join('\n'));
    for (const why of ['HANDSHAKE_TIMEOUT', 'TLS_FAILED'])
      t.true(
        told.some((line) => line.includes(why)),
        why,
      );
  },
);
