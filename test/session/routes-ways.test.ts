// The ways of a route: which one is tried, which one is blamed, and when a connection goes straight.
import test from 'ava';
import type { WayChange } from '../../src/net/routes/ways.ts';
import { startDnsServer } from '../support/dns.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';
import { dialWire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import { scriptedServer } from '../support/upstreams.ts';
import { NOBODY, starter, ask, echoes } from '../support/session/routedservers.ts';

for (const { name, create } of transports) {
  const transport = create();

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
