// Messages that are protected after a login with GSSAPI, over both transports, without Kerberos (test/support/tickets.ts).
import { createHash, randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import type { ContextWrap, WrapForm } from '../../src/auth/kerberos/wrap.ts';
import { READ_AHEAD } from '../../src/net/readahead.ts';
import { encodeGssapi } from '../../src/protocol/gssapi.ts';
import { policy } from '../support/policy.ts';
import { startServerFor, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { clientWrap, fakeTickets, LOGIN_ANSWER, loginAtLevel } from '../support/tickets.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

const FORMS: readonly (readonly [number, WrapForm])[] = [
  [1, 'clear'],
  [2, 'sealed'],
];

interface Client {
  readonly server: TestServer;
  readonly wire: Wire;
  readonly wrap: ContextWrap;
}

for (const { name, create } of transports) {
  const transport = create();

  const enter = async (t: ExecutionContext, level: number): Promise<Client> => {
    const server = await startServerFor(t, transport, {
      gssapi: fakeTickets(),
      policy: policy({ hasUsers: true }),
    });
    const wire = await dialWire(server.port);
    t.teardown(() => wire.socket.destroy());
    wire.send(loginAtLevel(level));
    t.deepEqual(await wire.take(LOGIN_ANSWER.length), LOGIN_ANSWER);
    t.deepEqual([...(await wire.take(5))], [1, 2, 0, 1, level]);
    return { server, wire, wrap: clientWrap() };
  };

  const connected = async (t: ExecutionContext, level: number, form: WrapForm): Promise<Client> => {
    const client = await enter(t, level);
    const port = await echoServer(t);
    client.wire.send(
      frame(client.wrap, form, Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff)),
    );
    t.deepEqual([...(await open(client, form)).subarray(0, 2)], [5, 0]);
    return client;
  };

  for (const [level, form] of FORMS) {
    test(`${name}: at level ${level} megabytes pass in both directions, and FIN`, async (t) => {
      const client = await connected(t, level, form);
      const sent = createHash('md5');
      for (let round = 0; round < 40; round++) {
        const bytes = randomBytes(50_000);
        sent.update(bytes);
        client.wire.send(frame(client.wrap, form, bytes));
      }
      client.wire.socket.end();
      const heard = createHash('md5');
      for (let size = 0; size < 2_000_000;) {
        const bytes = await open(client, form);
        heard.update(bytes);
        size += bytes.length;
      }
      t.is(heard.digest('hex'), sent.digest('hex'));
      t.is(await client.wire.ending(), 'fin');
      t.like(await client.server.event('ended'), {
        endedBy: 'client-fin',
        bytesUp: 2_000_000,
        bytesDown: 2_000_000,
      });
    });

    test(`${name}: at level ${level} a message that is changed, repeated, plain or cut ends the session by reset`, async (t) => {
      const attacks: readonly ((client: Client) => void)[] = [
        ({ wire, wrap }) => {
          const changed = frame(wrap, form, Buffer.from('evil'));
          changed[changed.length - 1]! ^= 1;
          wire.send(changed);
        },
        ({ wire, wrap }) => {
          const once = frame(wrap, form, Buffer.from('evil'));
          wire.send(Buffer.concat([once, once]));
        },
        ({ wire, wrap }) =>
          wire.send(frame(wrap, form === 'clear' ? 'sealed' : 'clear', Buffer.from('evil'))),
        ({ wire }) => wire.send('in clear'),
        ({ wire, wrap }) => {
          wire.send(frame(wrap, form, Buffer.from('evil')).subarray(0, 9));
          wire.socket.end();
        },
      ];
      for (const attack of attacks) {
        const client = await connected(t, level, form);
        attack(client);
        t.is((await client.server.event('ended')).endedBy, 'client-reset');
      }
    });
  }

  test(`${name}: a request that the key does not prove is not answered`, async (t) => {
    const { server, wire } = await enter(t, 2);
    wire.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, 0, 80));
    t.is((await server.event('refused')).fault.code, 'PEER_RESET');
    t.not(await wire.ending(), undefined);
  });

  test(`${name}: what is sent along with the level is read behind it`, async (t) => {
    const server = await startServerFor(t, transport, {
      gssapi: fakeTickets(),
      policy: policy({ hasUsers: true }),
    });
    const port = await echoServer(t);
    const wire = await dialWire(server.port);
    t.teardown(() => wire.socket.destroy());
    const wrap = clientWrap();
    const request = Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff);
    wire.send(
      Buffer.concat([
        loginAtLevel(2),
        frame(wrap, 'sealed', request),
        frame(wrap, 'sealed', Buffer.from('early')),
      ]),
    );
    await wire.take(LOGIN_ANSWER.length + 5);
    const client = { server, wire, wrap };
    t.is((await open(client, 'sealed'))[1], 0);
    t.is((await open(client, 'sealed')).toString(), 'early');
  });

  // In turn: the room is one for the process.
  test.serial(
    `${name}: a token that does not come whole counts as bytes sent ahead, until its time is over`,
    async (t) => {
      const server = await startServerFor(t, transport, {
        gssapi: fakeTickets(),
        policy: policy({ hasUsers: true }),
        handshakeTimeoutMs: 1000,
      });
      const wire = await dialWire(server.port);
      wire.send(Uint8Array.of(5, 1, 1, 1, 1, 0xff, 0xff, 0x60));
      const end = server.event('refused');
      let most = 0;
      const watching = setInterval(() => (most = Math.max(most, READ_AHEAD.held)), 5);
      t.is((await end).fault.code, 'HANDSHAKE_TIMEOUT');
      clearInterval(watching);
      t.is((await wire.rest()).toString('hex'), '0501');
      t.deepEqual([most, READ_AHEAD.held], [65_535, 0]);
    },
  );
}

function frame(wrap: ContextWrap, form: WrapForm, bytes: Uint8Array): Uint8Array {
  return encodeGssapi(3, wrap.wrap(form, bytes));
}

/** The next frame of the server. */
async function open({ wire, wrap }: Client, form: WrapForm): Promise<Buffer> {
  const head = await wire.take(4);
  const opened = wrap.unwrap(await wire.take(head.readUInt16BE(2)));
  if (opened.kind === 'wrong' || opened.form !== form) throw new Error(JSON.stringify(opened));
  return Buffer.from(opened.text);
}
