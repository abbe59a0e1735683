// The server as the program holds it: live sessions, new options, and its end.
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { OPTIONS } from '../../src/config/options/options.ts';
import { configOf } from '../../src/embed/settings.ts';
import { createServer, type ServerOptions } from '../../src/index.ts';
import { mustRun } from '../support/commands.ts';
import { startEmbedded, TRANSPORTS } from '../support/embedded.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

for (const transport of TRANSPORTS) {
  test(`sessions() tells of each live session, and kick() ends one (${transport})`, async (t) => {
    const { server, port, event } = await startEmbedded(t, { transport, authenticate: () => true });
    const echo = await echoServer(t);
    const wire = await connectThrough(port, echo, { user: 'alice', password: 'x' });
    wire.send('hello');
    await wire.take(5);
    const [session, ...others] = server.sessions();
    t.deepEqual(others, []);
    t.like(session, { id: 1, user: 'alice', command: 'connect', via: undefined, bytesUp: 5, bytesDown: 5 });
    t.is(session?.destination?.port, echo);
    t.is(session?.dialled?.port, echo);
    t.false(server.kick(99));
    t.true(server.kick(session?.id ?? 0));
    t.is(await wire.ending(), 'reset');
    await event((each) => each.kind === 'ended' && each.endedBy === 'kicked');
    t.is(server.sessionCount, 0);
    t.false(server.kick(1));
  });

  test(`kick() ends a session whose request is still decided (${transport})`, async (t) => {
    let asked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const { server, port, event } = await startEmbedded(t, {
      transport,
      decide: () => {
        asked();
        return new Promise<never>(() => undefined);
      },
    });
    const refused = t.throwsAsync(connectThrough(port, CLOSED_PORT));
    await isAsked;
    t.true(server.kick(1));
    await refused;
    await event((each) => each.kind === 'refused' && each.fault.code === 'KICKED');
    t.is(server.sessionCount, 0);
  });

  test(`update() holds for sessions to come, as a whole or not at all (${transport})`, async (t) => {
    const echo = await echoServer(t);
    const { server, port } = await startEmbedded(t, { transport, limits: ['total sessions=100'] });
    const live = await connectThrough(port, echo);
    t.throws(() => server.update({ request: '!connect:*', network: '10.0.0.0/99' }), {
      message: /^network: /,
    });
    const stillAllowed = await connectThrough(port, echo);
    server.update({ request: '!connect:*' });
    await t.throwsAsync(connectThrough(port, echo), { message: 'REP 2' });
    live.send('hello');
    t.is((await live.take(5)).toString(), 'hello');
    // What is not given stays, what is undefined goes back to its default.
    server.update({ decide: () => false });
    await t.throwsAsync(connectThrough(port, echo), { message: 'REP 2' });
    server.update({ request: undefined, decide: undefined });
    const again = await connectThrough(port, echo);
    server.update({ maxSessions: 3 });
    await t.throwsAsync(connectThrough(port, echo));
    for (const { socket } of [live, stillAllowed, again]) socket.destroy();
  });

  test(`a signal closes the server, at once if it is aborted already (${transport})`, async (t) => {
    const control = new AbortController();
    const server = createServer({ transport, signal: control.signal });
    const { port } = await server.listen(0);
    const wire = await dialWire(port);
    wire.send(Uint8Array.of(5));
    control.abort();
    await server.close();
    await t.throwsAsync(dialWire(port), { code: 'ECONNREFUSED' });
    wire.socket.destroy();
    const late = createServer({ transport, signal: AbortSignal.abort() });
    await t.throwsAsync(late.listen(0), { message: /closed/ });
    await late.close();
  });

  test(`await using closes the server, and afterwards it says so (${transport})`, async (t) => {
    const server = createServer({ transport });
    const { port } = await server.listen(0);
    await server[Symbol.asyncDispose]();
    await t.throwsAsync(dialWire(port), { code: 'ECONNREFUSED' });
    t.throws(() => server.update({}), { message: /closed/ });
    await t.notThrowsAsync(server.close());
  });

  test(`close() without patience cuts short one that has some (${transport})`, async (t) => {
    const { server, port } = await startEmbedded(t, { transport });
    const wire = await connectThrough(port, await echoServer(t));
    const patient = server.close(3_600_000);
    await server.close();
    await patient;
    t.is(await wire.ending(), 'reset');
  });

  test(`unref() lets the process end, though it listens and listens again (${transport})`, async (t) => {
    const library = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
    const script = `
      import { createServer } from ${JSON.stringify(library)};
      const server = createServer({ transport: '${transport}' });
      await server.listen(0);
      server.unref();
      await server.listen(0);
      console.log('end');`;
    t.is(await mustRun(['node', TYPESCRIPT, '--input-type=module', '-e', script]), 'end\n');
  });
}

const WRONG: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
  [{ conectTimeoutMs: 1 }, /^conectTimeoutMs: there is no such option; did you mean "connectTimeoutMs"\?$/],
  [{ handshakeTimeout: 1 }, /did you mean "handshakeTimeoutMs"\?$/],
  [{ idle_timeout_ms: 1 }, /did you mean "idleTimeoutMs"\?$/],
  [{ auth: () => true }, /^auth: .* did you mean "authenticate"\?$/],
  [{ networks: '*' }, /did you mean "network"\?$/],
  [{ whatever: 1 }, /^whatever: there is no such option$/],
  [
    { bans: { failures: 1, window: 5 } },
    /^bans\.window: there is no such option; did you mean "bans\.windowMs"\?$/,
  ],
  [{ bans: 5 }, /^bans: must be an object$/],
  [{ authenticate: 'alice' }, /^authenticate: must be a function$/],
  [{ onEvent: {} }, /^onEvent: must be a function$/],
  [{ anonymous: 'no' }, /^anonymous: must be true or false$/],
  [{ network: 5 }, /^network: must be a text$/],
  [{ routes: '* any' }, /^routes: must be a list of texts$/],
  [{ limits: [5] }, /^limits: must be a list of texts$/],
  [{ transport: 'engine' }, /^transport: must be "auto" or "streams"$/],
  [{ proxyProtocol: ['10.0.0.1'] }, /^proxyProtocol: must be a text$/],
  [{ proxyProtocol: 'balancer' }, /^proxyProtocol: /],
  [{ signal: {} }, /^signal: must be an AbortSignal$/],
  [{ maxSessions: '5' }, /^maxSessions: /],
];

test('an option that does not exist, or is of another kind, throws with its name and a suggestion', (t) => {
  for (const [options, message] of WRONG) {
    t.throws(() => createServer(options as ServerOptions), { instanceOf: TypeError, message });
  }
  t.throws(() => createServer(null as unknown as ServerOptions), { instanceOf: TypeError });
});

test('update() refuses what cannot change, and what does not exist', async (t) => {
  const { server } = await startEmbedded(t, { transport: 'streams' });
  t.throws(() => server.update({ transport: 'auto' }), { message: /^transport: / });
  t.throws(() => server.update({ signal: new AbortController().signal }), { message: /^signal: / });
  t.throws(() => server.update({ networks: '*' } as ServerOptions), { message: /^networks: / });
  t.notThrows(() => server.update({ transport: 'streams' }));
});

test('every default is that of the option table, but that nobody is banned', (t) => {
  const draft = {};
  for (const option of OPTIONS) if (option.kind === 'setting') option.reset(draft);
  const { rules, sections, ...config } = configOf({});
  t.deepEqual(config, { ...(draft as typeof config), banAfter: 0 });
  t.deepEqual([rules.network, rules.request, sections.size], [[], [], 0]);
});

test('servers that are closed leave nothing at their signal', async (t) => {
  const { signal } = new AbortController();
  const added: string[] = [];
  const removed: string[] = [];
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, ...rest: unknown[]) => {
    added.push(type);
    (add as (...args: unknown[]) => void)(type, ...rest);
  };
  signal.removeEventListener = (type: string, ...rest: unknown[]) => {
    removed.push(type);
    (remove as (...args: unknown[]) => void)(type, ...rest);
  };
  await createServer({ signal }).close();
  t.deepEqual([added, removed], [['abort'], ['abort']]);
});
