// Functions of the program that throw, reject, answer nonsense, or never answer: each refuses one client, and nothing else ends.
import test from 'ava';
import { Fault, type FaultCode, type ServerOptions } from '../../src/index.ts';
import { startEmbedded, TRANSPORTS } from '../support/embedded.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { connectThrough, enter } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

const ALICE = { user: 'alice', password: 'secret' };

/** What a function may do in the place of answering. */
const FAILING: Readonly<Record<string, () => never>> = {
  throws: () => {
    throw new Error('database is down');
  },
  'throws nothing': () => {
    throw undefined as unknown as Error;
  },
  'throws what has no text': () => {
    throw Object.create(null) as Error;
  },
  rejects: () => Promise.reject(new Error('database is down')) as never,
  'rejects late': () =>
    new Promise((_, reject) => setImmediate(() => reject(new Error('database is down')))) as never,
  'answers undefined': () => undefined as never,
  'answers null': () => Promise.resolve(null) as never,
  'answers a word': () => Promise.resolve('yes') as never,
  'answers an object': () => ({ rows: 1 }) as never,
  'gives what throws when it is waited for': () =>
    ({
      get then() {
        throw new Error('boo');
      },
    }) as never,
};

for (const transport of TRANSPORTS) {
  for (const [how, fail] of Object.entries(FAILING)) {
    test(`authenticate() that ${how} refuses with LOGIN_UNAVAILABLE (${transport})`, async (t) => {
      const { port, event, words } = await startEmbedded(t, {
        transport,
        authenticate: fail,
        bans: { failures: 1, allow: '192.0.2.0/24' },
      });
      for (let attempt = 1; attempt <= 2; attempt++) {
        const wire = await dialWire(port);
        await t.throwsAsync(enter(wire, ALICE), { message: 'login status 1' });
        t.is(await wire.ending(), 'fin');
        wire.socket.destroy();
      }
      await event(({ kind, ...rest }) => kind === 'refused' && 'session' in rest && rest.session.id === 2);
      // It is no guess: nobody is banned for it.
      const each = ['accepted', 'refused:LOGIN_UNAVAILABLE'];
      t.deepEqual(words(), [...each, ...each]);
    });
  }

  for (const [how, fail] of Object.entries(FAILING)) {
    test(`decide(), dial(), resolve() and proxyLogin() that ${how} refuse with REQUEST_DENIED (${transport})`, async (t) => {
      const functions: readonly ServerOptions[] = [
        { decide: fail },
        { dial: fail },
        ...(how === 'answers undefined'
          ? []
          : [{ routes: ['* any 127.0.0.1 1/5'], proxyLogin: fail } satisfies ServerOptions]),
      ];
      for (const options of functions) {
        const { port, event, words } = await startEmbedded(t, { transport, ...options });
        await t.throwsAsync(connectThrough(port, CLOSED_PORT), { message: 'REP 2' });
        await event(({ kind }) => kind === 'refused');
        t.deepEqual(words(), ['accepted', 'refused:REQUEST_DENIED'], Object.keys(options).join());
      }
      const named = await startEmbedded(t, { transport, resolve: fail });
      t.is(await askForName(named.port), 2);
      await named.event(({ kind }) => kind === 'refused');
      t.deepEqual(named.words(), ['accepted', 'refused:REQUEST_DENIED']);
    });
  }

  test(`functions that never answer are given up in time, and told so (${transport})`, async (t) => {
    const signals: AbortSignal[] = [];
    const never = (...asked: readonly unknown[]) => {
      signals.push((asked.at(-1) as { readonly signal: AbortSignal }).signal);
      return new Promise<never>(() => undefined);
    };
    const login = await startEmbedded(t, { transport, authenticate: never, handshakeTimeoutMs: 200 });
    // On a busy machine a handshake may be over before it comes to the login.
    for (let attempt = 0; attempt < 20 && signals.length === 0; attempt++) {
      const wire = await dialWire(login.port);
      await t.throwsAsync(enter(wire, ALICE));
      wire.socket.destroy();
    }
    t.deepEqual(login.words().slice(-2), ['accepted', 'refused:HANDSHAKE_TIMEOUT']);
    const connectTimeoutMs = 100;
    const expected = [
      [{ decide: never }, 'REQUEST_DENIED', 2],
      [{ dial: never }, 'CONNECT_TIMEOUT', 6],
    ] as const;
    for (const [options, code, rep] of expected) {
      const { port, words } = await startEmbedded(t, { transport, connectTimeoutMs, ...options });
      await t.throwsAsync(connectThrough(port, CLOSED_PORT), { message: `REP ${rep}` });
      t.deepEqual(words(), ['accepted', `refused:${code}`]);
    }
    const named = await startEmbedded(t, { transport, connectTimeoutMs, resolve: never });
    t.not(await askForName(named.port), 0);
    await named.event(({ kind }) => kind === 'refused');
    t.is(signals.length, 4);
    t.true(signals.every(({ aborted }) => aborted));
  });

  test(`a client that goes ends what the program does for it (${transport})`, async (t) => {
    let asked: (signal: AbortSignal) => void;
    const signal = new Promise<AbortSignal>((resolve) => (asked = resolve));
    const { port, event } = await startEmbedded(t, {
      transport,
      decide: (_session, _destination, { signal }) => {
        asked(signal);
        return new Promise<never>(() => undefined);
      },
    });
    const wire = await dialWire(port);
    await enter(wire);
    wire.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, 0, 80));
    const its = await signal;
    wire.socket.resetAndDestroy();
    if (!its.aborted) await new Promise((resolve) => its.addEventListener('abort', resolve));
    await event((each) => each.kind === 'refused' && each.fault.code === 'PEER_RESET');
    t.pass();
  });
}

const SAID: readonly (readonly [ServerOptions, FaultCode])[] = [
  [{ dial: throwing(new Fault('HOST_UNREACHABLE')) }, 'HOST_UNREACHABLE'],
  [{ dial: throwing(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })) }, 'CONNECTION_REFUSED'],
  [{ dial: throwing(Object.assign(new Error('no'), { code: 'ERR_SOCKET_CLOSED' })) }, 'REQUEST_DENIED'],
  [{ decide: throwing(new Fault('LIMIT_REACHED')) }, 'LIMIT_REACHED'],
  [{ decide: throwing(new Fault('PRESSED_OUT')) }, 'REQUEST_DENIED'],
  [{ decide: throwing(new Fault('LOGIN_FAILED')) }, 'REQUEST_DENIED'],
  [{ decide: throwing(new Fault('NO_SUCH' as FaultCode)) }, 'REQUEST_DENIED'],
];

function throwing(error: Error): () => never {
  return () => {
    throw error;
  };
}

test('a function says by a Fault, or by an error of the system, why; but nothing that would hide it', async (t) => {
  for (const [options, code] of SAID) {
    const { port, event } = await startEmbedded(t, options);
    await t.throwsAsync(connectThrough(port, CLOSED_PORT));
    const refused = await event(({ kind }) => kind === 'refused');
    t.is(refused.kind === 'refused' && refused.fault.code, code);
  }
});

test('the fault tells which function failed, and with what', async (t) => {
  const thrown = new Error('database is down');
  const { port, event } = await startEmbedded(t, { decide: throwing(thrown) });
  await t.throwsAsync(connectThrough(port, CLOSED_PORT));
  const refused = await event(({ kind }) => kind === 'refused');
  const { cause } = (refused as Extract<typeof refused, { kind: 'refused' }>).fault;
  t.is((cause as Error).message, 'decide() failed: database is down');
  t.is((cause as Error).cause, thrown);
});

test.serial('onEvent() that throws or rejects becomes one warning, and sessions go on', async (t) => {
  const warnings: Error[] = [];
  const hear = (warning: Error): void => void warnings.push(warning);
  process.on('warning', hear);
  t.teardown(() => process.off('warning', hear));
  const echo = await echoServer(t);
  for (const onEvent of [throwing(new Error('boo')), () => Promise.reject(new Error('boo'))]) {
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what this test is about
    const { port } = await startEmbedded(t, { onEvent });
    const wire = await connectThrough(port, echo);
    wire.send('hello');
    t.is((await wire.take(5)).toString(), 'hello');
    wire.socket.destroy();
  }
  const ours = warnings.filter(({ name }) => name === 'PicoSocks5Warning');
  t.is(ours.length, 2);
  t.regex(ours[0]?.message ?? '', /onEvent\(\) failed on "accepted": boo/);
});

/** The REP of CONNECT to `target.example.org`. */
async function askForName(port: number): Promise<number> {
  const wire = await dialWire(port);
  await enter(wire);
  const name = Buffer.from('target.example.org');
  wire.send(Buffer.concat([Uint8Array.of(5, 1, 0, 3, name.length), name, Uint8Array.of(0, 80)]));
  const rep = (await wire.take(10))[1];
  wire.socket.destroy();
  return rep ?? -1;
}
