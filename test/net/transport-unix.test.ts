// The Transport contract at Unix sockets, once for each implementation: bytes, ends, counters and limits as over TCP.
import { lstatSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { formatEndpoint } from '../../src/base/ip.ts';
import { loadAddon } from '../../src/net/native/addon.ts';
import { accountOf } from '../../src/net/native/descriptors.ts';
import { createStreamsTransport } from '../../src/net/streams/streams.ts';
import { listenAtPath } from '../../src/net/unixlistener.ts';
import type { Leg, Relay, RelayLimits, Transport } from '../../src/net/transport.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { at, endOf, listening, NO_LIMITS, soon, text } from '../support/legs.ts';
import { dialUnixWire, type Wire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const found = loadAddon();
const addon = 'reason' in found ? undefined : found;
const UID = process.getuid!();

interface Met {
  readonly path: string;
  readonly leg: Leg;
  readonly wire: Wire;
}

async function meet(t: ExecutionContext, transport: Transport): Promise<Met> {
  const path = join(temporaryFolder(t), 'socks');
  const legs: ((leg: Leg) => void)[] = [];
  const leg = new Promise<Leg>((resolve) => legs.push(resolve));
  const plan = { path, mode: 0o620, owner: undefined, layers: [] };
  const listener = await listenAtPath(transport, plan, (each) => legs.shift()?.(each), {});
  t.teardown(() => listener.close());
  const wire = await dialUnixWire(path);
  t.teardown(() => wire.socket.destroy());
  return { path, leg: await leg, wire };
}

async function relayed(t: ExecutionContext, transport: Transport, limits: RelayLimits = NO_LIMITS) {
  const { leg, wire: client } = await meet(t, transport);
  const server = await listening(t);
  const outgoing = await transport.dial(at(server.port), {}, soon());
  const target = await server.accept();
  const relay: Relay = transport.relay(leg, outgoing, limits);
  return { client, target, relay };
}

for (const { name, create } of transports) {
  const title = (sentence: string) => `${name}: ${sentence}`;
  const transport = create();

  test(title('a client has its account in the place of an address, and has come to this host'), async (t) => {
    const { path, leg, wire } = await meet(t, transport);
    t.is(formatEndpoint(leg.remote), name === 'engine' ? `unix:uid=${UID}` : 'unix:unknown');
    t.deepEqual(leg.local, at(0));
    t.is(statSync(path).mode & 0o777, 0o620);
    wire.send('hello');
    t.is(text(await leg.read()), 'hello');
    leg.write(Buffer.from('back'));
    t.is((await wire.take(4)).toString(), 'back');
    wire.socket.end();
    t.is(await leg.read(), undefined);
    leg.close('fin');
    t.is(await wire.ending(), 'fin');
  });

  test(title('a relay passes bytes and FIN both ways, and counts'), async (t) => {
    const { client, target, relay } = await relayed(t, transport);
    const much = Buffer.alloc(1_000_000, 'unix');
    client.send(much);
    t.true(much.equals(await target.take(much.length)));
    target.send(much);
    t.true(much.equals(await client.take(much.length)));
    client.socket.end();
    t.is((await target.rest()).length, 0);
    target.send('late');
    target.socket.end();
    t.is((await client.rest()).toString(), 'late');
    const end = await endOf(relay);
    t.deepEqual(end, { bytesUp: much.length, bytesDown: much.length + 4, endedBy: 'client-fin' });
  });

  test(
    title('who leaves with bytes unread has reset, and so has the target; for the client that is an end'),
    async (t) => {
      const leaving = await relayed(t, transport);
      leaving.client.socket.pause();
      leaving.target.send('unread');
      // They are in its buffer once the relay has counted them, and Node does not read while it is paused.
      while (leaving.relay.progress().bytesDown < 6) await new Promise((resolve) => setImmediate(resolve));
      leaving.client.socket.destroy();
      t.is(await leaving.target.ending(), 'reset');
      t.is((await endOf(leaving.relay)).endedBy, 'client-reset');
      const { client, target, relay } = await relayed(t, transport);
      target.socket.resetAndDestroy();
      t.is((await client.rest()).length, 0);
      t.is((await endOf(relay)).endedBy, 'target-reset');
    },
  );

  test(title('the idle limit and the rate hold'), async (t) => {
    const idle = await relayed(t, transport, { idleTimeoutMs: 50, halfClosedTimeoutMs: 0 });
    t.is((await endOf(idle.relay)).endedBy, 'idle-timeout');
    t.is(await idle.client.ending(), 'fin');
    const slow = await relayed(t, transport, { ...NO_LIMITS, stop: 1000 });
    slow.client.send(Buffer.alloc(5000));
    await slow.target.take(1000);
    t.is(slow.relay.progress().bytesUp, 1000);
    slow.relay.cut('reset');
    t.is((await endOf(slow.relay)).endedBy, 'cut');
  });

  test(title('a stale socket is replaced, a living one and another file are errors'), async (t) => {
    const path = join(temporaryFolder(t), 'socks');
    const plan = { path, mode: 0o600, owner: undefined, layers: [] };
    const open = () => listenAtPath(transport, plan, (leg) => leg.close('fin'), {});
    const first = await open();
    const { code } = await t.throwsAsync<NodeJS.ErrnoException>(open());
    t.is(code, 'EADDRINUSE');
    // It stays where its listener is closed without it, as at a crash.
    first.leave();
    first.close();
    t.true(lstatSync(path).isSocket());
    const second = await open();
    t.false(second.remove());
    t.throws(() => lstatSync(path));
    writeFileSync(path, 'precious');
    t.is((await t.throwsAsync<NodeJS.ErrnoException>(open())).code, 'EEXIST');
    t.is(statSync(path).size, 8);
  });

  test(title('the socket of somebody else at the path is not removed'), async (t) => {
    const path = join(temporaryFolder(t), 'socks');
    const plan = { path, mode: 0o600, owner: undefined, layers: [] };
    const ours = await listenAtPath(transport, plan, (leg) => leg.close('fin'), {});
    const other = create();
    const theirs = await other.listenUnix(`${path}.other`, (leg) => leg.close('fin'));
    t.teardown(() => theirs.close());
    renameSync(`${path}.other`, path);
    t.false(ours.remove());
    t.true(lstatSync(path).isSocket());
  });
}

if (addon !== undefined) {
  test('streams with the addon know the account, too', async (t) => {
    const transport = createStreamsTransport((descriptor) => accountOf(addon, descriptor));
    const { leg } = await meet(t, transport);
    t.is(formatEndpoint(leg.remote), `unix:uid=${UID}`);
    leg.close('fin');
  });
}
