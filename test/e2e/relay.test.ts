// What the daemon carries: volume, halves, slow readers.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { startDaemon } from '../support/daemon.ts';
import { dialWire, listenTarget, type Wire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transfer } from '../support/transfer.ts';

const MiB = 1024 * 1024;

test('64 MiB go through in both directions at once unchanged', async (t) => {
  const { port, line } = await startDaemon(t);
  const target = await listenTarget();
  t.teardown(() => target.close());
  const client = await connectThrough(port, target.port);
  const server = await target.accept();
  const [up, down] = await Promise.all([
    transfer(client, server, 64 * MiB),
    transfer(server, client, 64 * MiB),
  ]);
  t.is(up.received, up.sent);
  t.is(down.received, down.sent);
  t.regex(await line(/ ended /), new RegExp(`up=${64 * MiB} down=${64 * MiB} `));
});

test('200 clients that send everything at once, 100 of them byte by byte, all get their echo', async (t) => {
  const echo = await echoServer(t);
  const { port } = await startDaemon(t);
  const hello = Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, echo >> 8, echo & 0xff);
  const one = async (id: number): Promise<string> => {
    const wire = await dialWire(port);
    const payload = Buffer.from(`payload ${id}`);
    const bytes = Buffer.concat([hello, payload]);
    if (id % 2 === 0) wire.send(bytes);
    else {
      for (const byte of bytes) {
        wire.send(Uint8Array.of(byte));
        await new Promise(setImmediate);
      }
    }
    const answer = await wire.take(2 + 10 + payload.length);
    wire.socket.destroy();
    return answer.subarray(12).toString();
  };
  const ids = Array.from({ length: 200 }, (_, id) => id);
  t.deepEqual(
    await Promise.all(ids.map(one)),
    ids.map((id) => `payload ${id}`),
  );
});

test('a client that reads nothing holds less than 1 MiB of the daemon', async (t) => {
  const { port, pid } = await startDaemon(t);
  const target = await listenTarget();
  t.teardown(() => target.close());
  const stall = async (sessions: number): Promise<void> => {
    for (let each = 0; each < sessions; each++) {
      const client = await connectThrough(port, target.port);
      client.socket.pause();
      t.teardown(() => client.socket.destroy());
      await fill(await target.accept(), Buffer.alloc(MiB));
    }
  };
  // The first ones pay for what all of them share, and for what the collector has not yet looked at.
  await stall(10);
  const before = residentBytes(pid);
  await stall(40);
  const grown = (residentBytes(pid) - before) / 40;
  t.log(`${Math.round(grown / 1024)} KiB for each stalled session`);
  t.true(grown < MiB, `${grown} bytes for each stalled session`);
});

test('a target that resets is a reset for the client, with what came before', async (t) => {
  const { port, line } = await startDaemon(t);
  const target = await listenTarget();
  t.teardown(() => target.close());
  const client = await connectThrough(port, target.port);
  const server = await target.accept();
  server.send('last words');
  t.is((await client.take(10)).toString(), 'last words');
  server.socket.resetAndDestroy();
  t.is(await client.ending(), 'reset');
  t.regex(await line(/ ended /), /why=target-reset/);
});

/** Sends until the socket takes no more for 150 ms. */
async function fill(wire: Wire, chunk: Buffer): Promise<void> {
  for (;;) {
    if (wire.socket.write(chunk)) continue;
    const drained = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), 150);
      wire.socket.once('drain', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    if (!drained) return;
  }
}

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
