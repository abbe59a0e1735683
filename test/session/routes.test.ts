// Sessions that routes lead through proxies: other servers of ours, and one that talks nonsense.
import test from 'ava';
import type { WayChange } from '../../src/net/routes/ways.ts';
import { startDnsServer } from '../support/dns.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import { NOBODY, starter, ask, echoes } from '../support/session/routedservers.ts';

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
}
