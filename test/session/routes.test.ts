// Sessions that routes lead through proxies: other servers of ours, and one that talks nonsense.
import test, { type ExecutionContext } from 'ava';
import type { Endpoint } from '../../src/base/ip.ts';
import type { WayChange } from '../../src/net/routes/ways.ts';
import type { Transport } from '../../src/net/transport.ts';
import type { Snapshot } from '../../src/session/session.ts';
import { startDnsServer } from '../support/dns.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';
import { startServerFor, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { apart, transports } from '../support/transports.ts';
import { scriptedServer } from '../support/upstreams.ts';

/** Where nothing listens, whatever other tests open on 127.0.0.1. */
const NOBODY = '127.0.0.9';

type Start = (changes?: Partial<Snapshot>, names?: readonly Endpoint[]) => Promise<TestServer>;

function starter(t: ExecutionContext, transport: Transport): Start {
  return (changes, names) => startServerFor(t, apart(transport), changes, names);
}

/** Asks for CONNECT to a host, an IPv4 address or a name; the whole reply with what comes after it still to be read. */
async function ask(
  t: ExecutionContext,
  proxy: number,
  host: string,
  port: number,
): Promise<{ wire: Wire; reply: Buffer }> {
  const wire = await dialWire(proxy);
  t.teardown(() => wire.socket.destroy());
  await enter(wire);
  const isAddress = /^[\d.]+$/.test(host);
  const address = isAddress
    ? [1, ...host.split('.').map(Number)]
    : [3, host.length, ...Buffer.from(host, 'latin1')];
  wire.send(Uint8Array.of(5, 1, 0, ...address, port >> 8, port & 0xff));
  return { wire, reply: await wire.take(10) };
}

async function echoes(wire: Wire): Promise<boolean> {
  wire.send('ping');
  return (await wire.take(4)).toString() === 'ping';
}

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: an address goes through the proxies of its route, with BND as the last one tells it`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const [far, near] = [await start(), await start()];
    const front = await start({
      routing: routing([`127.0.0.0/8 any 127.0.0.1 ${far.port}/5 127.0.0.1 ${near.port}/5`]),
    });
    const { wire, reply } = await ask(t, front.port, '127.0.0.1', echo);
    t.is(reply[1], 0);
    t.true(await echoes(wire));
    const [atNear, atFar] = [await near.event('connected'), await far.event('connected')];
    t.is(atNear.session.dialled?.port, far.port);
    t.is(atFar.session.dialled?.port, echo);
    t.is(reply.readUInt16BE(8), atFar.bound.port);
    wire.socket.destroy();
    const { session } = await front.event('ended');
    t.is(session.via, `127.0.0.1:${near.port},127.0.0.1:${far.port}`);
    t.is(session.dialled?.port, echo);
  });

  test(`${name}: a name travels to the proxy, and nobody here looks it up`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const dns = await startDnsServer({ 'far.test': { a: ['127.0.0.1'] } });
    t.teardown(() => dns.close());
    const far = await start({}, [dns.endpoint]);
    const near = await start({ routing: routing([`* any 127.0.0.1 ${far.port}`]) });
    const { wire, reply } = await ask(t, near.port, 'far.test', echo);
    t.is(reply[1], 0);
    t.true(await echoes(wire));
    wire.socket.destroy();
    t.is((await near.event('ended')).session.dialled, undefined);
  });

  test(`${name}: names=local looks the name up here, and admits each address`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const dns = await startDnsServer({
      'far.test': { a: ['127.0.0.1'] },
      'shut.test': { a: ['127.0.0.2'] },
    });
    t.teardown(() => dns.close());
    const far = await start();
    const rules = section('', { request: '!connect:127.0.0.2 connect:127.0.0.0/8' });
    const near = await start(
      { routing: routing([`* any 127.0.0.1 ${far.port} names=local`]), policy: policy({ rules }) },
      [dns.endpoint],
    );
    const { wire, reply } = await ask(t, near.port, 'far.test', echo);
    t.is(reply[1], 0);
    t.true(await echoes(wire));
    t.is((await far.event('connected')).session.destination?.kind, 'ip');
    t.is((await ask(t, near.port, 'shut.test', echo)).reply[1], 2);
    t.is((await near.event('refused')).fault.code, 'REQUEST_DENIED');
  });

  test(`${name}: a name that no route knows is looked up, and each address finds its route`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const dns = await startDnsServer({ 'a.test': { a: ['127.0.0.1'] }, 'b.test': { a: ['127.0.0.2'] } });
    t.teardown(() => dns.close());
    const far = await start();
    const lines = [`127.0.0.2 any 127.0.0.1 ${far.port}`, `other.test any 127.0.0.1 1`];
    const near = await start({ routing: routing(lines) }, [dns.endpoint]);
    const straight = await ask(t, near.port, 'a.test', echo);
    t.is(straight.reply[1], 0);
    t.is((await near.event('connected')).session.via, undefined);
    // Nobody listens there: the proxy says so.
    t.is((await ask(t, near.port, 'b.test', echo)).reply[1], 5);
    t.is((await near.event('refused')).session.via, `127.0.0.1:${far.port}`);
  });

  test(`${name}: the guard and the rules hold for addresses behind proxies, too`, async (t) => {
    const start = starter(t, transport);
    const rules = section('', { request: '!connect:127.0.0.1 connect:*' });
    const near = await start({
      routing: routing([`* any 127.0.0.1 1`]),
      policy: policy({ rules }),
    });
    t.is((await ask(t, near.port, '127.0.0.1', 80)).reply[1], 2);
  });

  test(`${name}: a proxy whose name is that of this daemon is not asked`, async (t) => {
    const start = starter(t, transport);
    const loop = { ...routing(['* any localhost 1']), isSelf: ({ port }: { port: number }) => port === 1 };
    const near = await start({ routing: loop });
    t.is((await ask(t, near.port, '127.0.0.1', 80)).reply[1], 1);
    const { fault } = await near.event('refused');
    t.is(fault.code, 'PROXY_UNREACHABLE');
    t.is(fault.cause, 'proxy localhost:1: it is this daemon itself, which would ask itself for ever');
  });

  test(`${name}: a proxy that is not there is named, and is no refusal of the destination`, async (t) => {
    const start = starter(t, transport);
    const changes: WayChange[] = [];
    const near = await start({ routing: routing([`* any ${NOBODY} 9`], changes) });
    t.is((await ask(t, near.port, '127.0.0.1', 80)).reply[1], 1);
    const { fault, session } = await near.event('refused');
    t.is(fault.code, 'PROXY_UNREACHABLE');
    t.is(fault.cause, `proxy ${NOBODY}:9: connection refused`);
    t.is(session.via, `${NOBODY}:9`);
    t.deepEqual(
      changes.map(({ kind }) => kind),
      ['down'],
    );
  });

  test(`${name}: where one way fails the next one is tried, and the broken one comes last`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const liar = await scriptedServer(t, [3, Buffer.from('HTTP/1.0 400 Bad\r\n').toString('hex'), 'fin']);
    const works = await start();
    const changes: WayChange[] = [];
    const line = `* any ${NOBODY} 9 | 127.0.0.1 ${liar.port}/5 | 127.0.0.1 ${works.port}`;
    const near = await start({ routing: routing([line], changes) });
    for (const expectedChanges of [2, 2]) {
      const { wire, reply } = await ask(t, near.port, '127.0.0.1', echo);
      t.is(reply[1], 0);
      t.true(await echoes(wire));
      t.is(changes.length, expectedChanges);
    }
    // Other tests may have given up this port a moment ago, and still try it.
    t.is(liar.taken.filter((bytes) => bytes === '050100').length, 1);
    t.is((await near.event('connected')).session.via, `127.0.0.1:${works.port}`);
  });

  test(`${name}: a proxy that keeps silent leaves time for the next way`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const [silent, works] = [await scriptedServer(t, []), await start()];
    const changes: WayChange[] = [];
    const line = `* any 127.0.0.1 ${silent.port}/5 | 127.0.0.1 ${works.port}/5`;
    const near = await start({ routing: routing([line], changes), connectTimeoutMs: 4000 });
    const { wire, reply } = await ask(t, near.port, '127.0.0.1', echo);
    t.is(reply[1], 0);
    t.true(await echoes(wire));
    t.is(changes[0]?.kind === 'down' ? changes[0].fault.code : undefined, 'CONNECT_TIMEOUT');
  });

  test(`${name}: a client that leaves says nothing against the proxy`, async (t) => {
    const start = starter(t, transport);
    const silent = await scriptedServer(t, [3]);
    const changes: WayChange[] = [];
    const near = await start({ routing: routing([`* any 127.0.0.1 ${silent.port}/5`], changes) });
    const wire = await dialWire(near.port);
    await enter(wire);
    wire.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, 0, 80));
    await silent.played(1);
    wire.socket.resetAndDestroy();
    t.is((await near.event('refused')).fault.code, 'PEER_RESET');
    t.deepEqual(changes, []);
  });

  test(`${name}: what a proxy says about the destination is no reason to ask another`, async (t) => {
    const start = starter(t, transport);
    const [one, other] = [await start(), await start()];
    const changes: WayChange[] = [];
    const line = `* any 127.0.0.1 ${one.port}/5 | 127.0.0.1 ${other.port}/5`;
    const near = await start({ routing: routing([line], changes) });
    t.is((await ask(t, near.port, NOBODY, 9)).reply[1], 5);
    t.is(other.events.length, 0);
    t.is(changes.length, 0);
  });

  test(`${name}: a proxy that says it waited in vain for the destination is no reason to ask another`, async (t) => {
    const start = starter(t, transport);
    const one = await scriptedServer(t, [3, '0500', 10, '05060001000000000000']);
    const other = await start();
    const line = `* any 127.0.0.1 ${one.port}/5 | 127.0.0.1 ${other.port}/5`;
    const near = await start({ routing: routing([line]) });
    t.is((await ask(t, near.port, NOBODY, 9)).reply[1], 6);
    t.is(other.events.length, 0);
  });

  test(`${name}: least-sessions counts a session until it has ended`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const [one, other] = [await start(), await start()];
    const line = `* any 127.0.0.1 ${one.port}/5 | 127.0.0.1 ${other.port}/5 pick=least-sessions`;
    const near = await start({ routing: routing([line]) });
    const first = await ask(t, near.port, '127.0.0.1', echo);
    t.is((await near.event('connected')).session.via, `127.0.0.1:${one.port}`);
    await ask(t, near.port, '127.0.0.1', echo);
    t.is((await near.event('connected')).session.via, `127.0.0.1:${other.port}`);
    first.wire.socket.destroy();
    await near.event('ended');
    await ask(t, near.port, '127.0.0.1', echo);
    t.is((await near.event('connected')).session.via, `127.0.0.1:${one.port}`);
  });

  test(`${name}: where no proxy answers, direct leads straight there, and comes first from then on`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const changes: WayChange[] = [];
    const near = await start({ routing: routing([`* any ${NOBODY} 9 | direct`], changes) });
    for (const expectedChanges of [1, 1]) {
      const { wire, reply } = await ask(t, near.port, '127.0.0.1', echo);
      t.is(reply[1], 0);
      t.true(await echoes(wire));
      const { session, bound } = await near.event('connected');
      t.is(session.via, undefined);
      t.is(session.dialled?.port, echo);
      t.is(reply.readUInt16BE(8), bound.port);
      t.is(changes.length, expectedChanges);
    }
  });

  test(`${name}: what cannot be reached straight is reached through the proxy behind direct`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const dns = await startDnsServer({ 'far.test': { a: ['127.0.0.1'] } });
    const ours = await startDnsServer({ 'far.test': { a: [NOBODY] } });
    t.teardown(() => dns.close());
    t.teardown(() => ours.close());
    const far = await start({}, [dns.endpoint]);
    const changes: WayChange[] = [];
    const near = await start({ routing: routing([`* any direct | 127.0.0.1 ${far.port}`], changes) }, [
      ours.endpoint,
    ]);
    const { wire, reply } = await ask(t, near.port, 'far.test', echo);
    t.is(reply[1], 0);
    t.true(await echoes(wire));
    t.is((await near.event('connected')).session.via, `127.0.0.1:${far.port}`);
    // It says nothing about other destinations.
    t.deepEqual(changes, []);
    t.is((await ask(t, near.port, '127.0.0.1', echo)).reply[1], 0);
    t.is((await near.event('connected')).session.via, undefined);
  });

  test(`${name}: rules and guard decide about what is reached straight, and no proxy is asked after that`, async (t) => {
    const start = starter(t, transport);
    const dns = await startDnsServer({ 'shut.test': { a: ['127.0.0.2'] } });
    t.teardown(() => dns.close());
    const far = await start();
    const rules = section('', { request: '!connect:127.0.0.2 connect:*' });
    for (const ways of [`${NOBODY} 9 | direct`, `direct | 127.0.0.1 ${far.port}`]) {
      const near = await start({ routing: routing([`* any ${ways}`]), policy: policy({ rules }) }, [
        dns.endpoint,
      ]);
      t.is((await ask(t, near.port, 'shut.test', 80)).reply[1], 2, ways);
      t.is((await near.event('refused')).fault.code, 'REQUEST_DENIED');
    }
    t.is(far.events.length, 0);
  });

  test(`${name}: least-sessions counts what goes straight, too`, async (t) => {
    const start = starter(t, transport);
    const echo = await echoServer(t);
    const far = await start();
    const line = `* any direct | 127.0.0.1 ${far.port}/5 pick=least-sessions`;
    const near = await start({ routing: routing([line]) });
    const first = await ask(t, near.port, '127.0.0.1', echo);
    t.is((await near.event('connected')).session.via, undefined);
    await ask(t, near.port, '127.0.0.1', echo);
    t.is((await near.event('connected')).session.via, `127.0.0.1:${far.port}`);
    first.wire.socket.destroy();
    await near.event('ended');
    await ask(t, near.port, '127.0.0.1', echo);
    t.is((await near.event('connected')).session.via, undefined);
  });
}
