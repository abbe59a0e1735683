// decide(): what a program makes of CONNECT, BIND, UDP ASSOCIATE and its datagrams, over each transport.
import test, { type ExecutionContext } from 'ava';
import type { Decide, Decision, ServerOptions, SessionEvent } from '../../src/index.ts';
import { startEmbedded, TRANSPORTS } from '../support/embedded.ts';
import { CLOSED_PORT } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

/** A decision of JavaScript, which no compiler has seen. */
const unchecked = (decision: object): Decision => decision as Decision;

const NO: readonly (readonly [Decision, rep: number])[] = [
  [false, 2],
  [{ kind: 'deny' }, 2],
  [{ kind: 'deny', reply: 1 }, 1],
  [{ kind: 'deny', reply: 4 }, 4],
  [{ kind: 'deny', reply: 8 }, 8],
  [unchecked({ kind: 'deny', reply: 0 }), 2],
  [unchecked({ kind: 'deny', reply: 9 }), 2],
  [unchecked({ kind: 'deny', reply: '4' }), 2],
  [unchecked({ kind: 'permit' }), 2],
  [unchecked({}), 2],
  [unchecked([]), 2],
  [unchecked({ kind: 'allow', upstreams: 'socks5://127.0.0.1' }), 2],
  [unchecked({ kind: 'allow', destination: { host: '127.0.0.1' } }), 2],
  [{ kind: 'allow', destination: { host: '127.0.0.1', port: 65_536 } }, 2],
  [{ kind: 'allow', destination: { host: 'no host', port: 80 } }, 2],
  [unchecked({ kind: 'allow', destination: '127.0.0.1:80' }), 2],
  [{ kind: 'allow', route: 'nowhere' }, 2],
  [unchecked({ kind: 'allow', route: 5 }), 2],
  [{ kind: 'allow', source: 'here' }, 2],
  [{ kind: 'allow', upstream: 'proxy.example.net:1080' }, 2],
  [{ kind: 'allow', upstream: 'ftp://127.0.0.1' }, 2],
  [{ kind: 'allow', upstream: 'socks5://127.0.0.1/path' }, 2],
  [{ kind: 'allow', upstream: 'socks5://family=4:1080' }, 2],
  [{ kind: 'allow', upstream: 'socks5://:secret@127.0.0.1:1080' }, 2],
  [{ kind: 'allow', upstream: `socks5://alice:${'x'.repeat(256)}@127.0.0.1:1080` }, 2],
  [{ kind: 'allow', upstream: [], route: '* any' }, 2],
];

for (const transport of TRANSPORTS) {
  const start = (t: ExecutionContext, options: ServerOptions) => startEmbedded(t, { transport, ...options });

  test(`decide() is asked about CONNECT with who asks, and lets it through (${transport})`, async (t) => {
    const asked: unknown[] = [];
    const { port, words } = await start(t, {
      authenticate: () => true,
      decide: (session, destination, { what }) => {
        asked.push([
          session.identity?.kind === 'user' && session.identity.name,
          session.command,
          destination,
          what,
        ]);
        return Promise.resolve(true);
      },
    });
    const echo = await echoServer(t);
    const wire = await connectThrough(port, echo, { user: 'alice', password: 'x' });
    wire.send('hello');
    t.is((await wire.take(5)).toString(), 'hello');
    t.deepEqual(asked, [['alice', 'connect', { kind: 'ip', ip: '127.0.0.1', port: echo }, 'request']]);
    t.deepEqual(words(), ['accepted', 'connected']);
    wire.socket.destroy();
  });

  test(`decide() denies with the reply that it says, and with REP 2 by whatever is no decision (${transport})`, async (t) => {
    const echo = await echoServer(t);
    let decision: Decision = true;
    const { port, events } = await start(t, { decide: () => decision });
    for (const [no, rep] of NO) {
      decision = no;
      await t.throwsAsync(connectThrough(port, echo), { message: `REP ${rep}` }, JSON.stringify(no));
    }
    const refused = events.filter((event) => event.kind === 'refused');
    t.is(refused.length, NO.length);
    t.true(refused.every(({ fault }) => fault.code === 'REQUEST_DENIED'));
    t.false(refused.some(({ fault }) => String(fault.cause).includes('secret')));
  });

  test(`decide() sends a request elsewhere, and the record keeps what was asked for (${transport})`, async (t) => {
    const echo = await echoServer(t);
    const decisions: Decision[] = [
      { kind: 'allow', destination: { host: '127.0.0.1', port: echo } },
      { kind: 'allow', destination: { host: 'localhost', port: echo } },
    ];
    const { port, event } = await start(t, { decide: () => decisions.shift() ?? false });
    for (let left = decisions.length; left > 0; left--) {
      const wire = await connectThrough(port, CLOSED_PORT);
      wire.send('hello');
      t.is((await wire.take(5)).toString(), 'hello');
      wire.socket.destroy();
    }
    const connected = await event(({ kind }) => kind === 'connected');
    const { destination, dialled } = (connected as Extract<SessionEvent, { kind: 'connected' }>).session;
    t.is(destination?.port, CLOSED_PORT);
    t.is(dialled?.port, echo);
  });

  test(`decide() opens nothing that rules or guard keep closed (${transport})`, async (t) => {
    const echo = await echoServer(t);
    const elsewhere: Decide = () => ({ kind: 'allow', destination: { host: '127.0.0.1', port: echo } });
    const byRule = await start(t, { request: `!connect:127.0.0.0/8,connect:*`, decide: elsewhere });
    await t.throwsAsync(connectThrough(byRule.port, CLOSED_PORT), { message: 'REP 2' });
    t.deepEqual(byRule.words(), ['accepted', 'refused:REQUEST_DENIED']);
  });

  test(`decide() names an upstream with its login, for one session alone (${transport})`, async (t) => {
    const echo = await echoServer(t);
    const proxy = await start(t, {
      authenticate: (user, password) => user === 'al:ice' && password === 'p@ss/w:rd',
    });
    const upstream = `socks5://al%3Aice:p%40ss%2Fw%3Ard@127.0.0.1:${proxy.port}`;
    const decisions: Decision[] = [
      { kind: 'allow', upstream },
      { kind: 'allow', upstream: [] },
      { kind: 'allow', route: `* any 127.0.0.1 ${proxy.port}/5` },
    ];
    const { port, server } = await start(t, {
      routes: [`* any 127.0.0.1 ${CLOSED_PORT}/5`],
      proxyLogin: () => ({ user: 'al:ice', password: 'p@ss/w:rd' }),
      decide: () => decisions.shift() ?? true,
    });
    const vias: (string | undefined)[] = [];
    for (let left = decisions.length; left > 0; left--) {
      const wire = await connectThrough(port, echo);
      wire.send('hello');
      t.is((await wire.take(5)).toString(), 'hello');
      vias.push(server.sessions().at(-1)?.via);
      wire.socket.destroy();
    }
    t.deepEqual(vias, [`127.0.0.1:${proxy.port}`, undefined, `127.0.0.1:${proxy.port}`]);
    t.is(proxy.events.filter(({ kind }) => kind === 'connected').length, 2);
    // The next one goes by the routes of the options again.
    await t.throwsAsync(connectThrough(port, echo), { message: 'REP 1' });
  });

  test(`decide() names a proxy of SOCKS4 with a user id, which has no password (${transport})`, async (t) => {
    const proxy = await start(t, {});
    const { port } = await start(t, {
      decide: () => ({ kind: 'allow', upstream: `socks4://alice@127.0.0.1:${proxy.port}` }),
    });
    const wire = await connectThrough(port, await echoServer(t));
    const connected = await proxy.event(({ kind }) => kind === 'connected');
    const { identity } = (connected as Extract<SessionEvent, { kind: 'connected' }>).session;
    t.deepEqual(identity, { kind: 'anonymous', userId: 'alice' });
    wire.socket.destroy();
  });

  test(`decide() names the address to leave from, before what routes say (${transport})`, async (t) => {
    const echo = await echoServer(t);
    for (const routes of [[], ['* any source=127.0.0.8']]) {
      const { port, event } = await start(t, {
        routes,
        decide: () => ({ kind: 'allow', source: '127.0.0.9' }),
      });
      const wire = await connectThrough(port, echo);
      const connected = await event(({ kind }) => kind === 'connected');
      t.is(String((connected as Extract<SessionEvent, { kind: 'connected' }>).bound.ip), '127.0.0.9');
      wire.socket.destroy();
    }
  });
}
