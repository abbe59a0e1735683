// CHAP over every transport. Its challenges are random, so its conversations cannot be data as those of wire.test.ts are.
import test, { type ExecutionContext } from 'ava';
import { createChapVerifier } from '../../src/auth/chap.ts';
import type { User } from '../../src/auth/files/users.ts';
import { recoverableText, type Hash } from '../../src/auth/hashing/hash.ts';
import { Fault } from '../../src/base/fault.ts';
import type { Snapshot } from '../../src/session/session.ts';
import {
  ALGORITHMS,
  challenged,
  CHALLENGE,
  hear,
  hmacMd5,
  HMAC_MD5,
  IDENTIFIER,
  message,
  pppMd5,
  PPP_MD5,
  RESPONSE,
  respondTo,
  STATUS,
  USER,
  type Item,
  type Said,
} from '../support/chap.ts';
import { policy, section } from '../support/policy.ts';
import { onlyUser, startServer, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const of = (...bytes: readonly number[]) => Uint8Array.from(bytes);

const DRAFT: readonly Item[] = [[ALGORITHMS, of(HMAC_MD5)]];
const SUCCESS = '0101000100';
const FAILURE = '01010001ff';

function user(name: string, hash: Hash, group?: string): readonly [string, User] {
  return [Buffer.from(name).toString('latin1'), { name, group, hashes: [hash] }];
}

const recoverable = (secret: string): Hash => ({
  kind: 'base64',
  text: recoverableText(Buffer.from(secret)),
});
const byName = new Map([
  user('alice', recoverable('pw')),
  user('jürgen', recoverable('zwei')),
  user('guest', recoverable('pw'), 'guests'),
  user('bob', { kind: 'des', text: 'rqXexS6ZhobKA' }),
]);

const verifier = (serverSecret?: string) =>
  createChapVerifier({
    byName,
    usable: [...byName.values()],
    serverSecret: serverSecret === undefined ? undefined : Buffer.from(serverSecret),
  });

/** With alice, jürgen, guest, whom a rule keeps out, and bob, who has no secret for CHAP. */
const WITH_CHAP: Partial<Snapshot> = {
  policy: policy({ hasUsers: true, named: [section('guests', { network: '192.0.2.0/24' })] }),
  checkLogin: onlyUser('alice', 'pw'),
  chap: verifier(),
};
const WITH_SERVER_SECRET: Partial<Snapshot> = { ...WITH_CHAP, chap: verifier('server') };

const answerOf = (said: Said, name: string, secret: string): readonly Item[] => [
  [USER, name],
  [RESPONSE, respondTo(said, secret)],
];

for (const { name, create } of transports) {
  const transport = create();

  const start = async (t: ExecutionContext, changes: Partial<Snapshot> = WITH_CHAP): Promise<TestServer> => {
    const server = await startServer(transport, changes);
    t.teardown(() => server.stop());
    return server;
  };

  const dial = async (t: ExecutionContext, { port }: TestServer): Promise<Wire> => {
    const wire = await dialWire(port);
    t.teardown(() => wire.socket.destroy());
    return wire;
  };

  /** The client is in: its request is served. */
  const mustBeIn = async (t: ExecutionContext, wire: Wire): Promise<void> => {
    const port = await echoServer(t);
    wire.send(of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff, 0x2a));
    const reply = await wire.take(11);
    t.deepEqual([reply[1], reply[10]], [0, 0x2a]);
  };

  test(`${name}: CH-1: the order of the draft`, async (t) => {
    const wire = await dial(t, await start(t));
    const said = await challenged(wire, ...DRAFT);
    t.is(said.bytes.length, 7 + 128);
    t.is(said.bytes.subarray(0, 7).toString('hex'), '01021101850380');
    wire.send(message(...answerOf(said, 'alice', 'pw')));
    t.is((await hear(wire)).bytes.toString('hex'), SUCCESS);
    await mustBeIn(t, wire);
  });

  test(`${name}: CH-2: the order of the C program, and the user named twice`, async (t) => {
    const server = await start(t);
    for (const again of [[], [[USER, 'alice']]] as const) {
      const wire = await dial(t, server);
      const said = await challenged(wire, [ALGORITHMS, of(HMAC_MD5)], [USER, again.length ? 'bob' : 'alice']);
      t.is(said.bytes.subarray(0, 7).toString('hex'), '01021101850380');
      wire.send(message([RESPONSE, respondTo(said, 'pw')], ...again));
      t.is((await hear(wire)).bytes.toString('hex'), SUCCESS);
      await mustBeIn(t, wire);
    }
  });

  test(`${name}: CH-3: other orders, texts and unknown attributes`, async (t) => {
    const wire = await dial(t, await start(t));
    const text: Item = [0x01, 'hello'];
    const said = await challenged(wire, [0x7f, 'x'.repeat(255)], text, ...DRAFT, text, [0x05, 'utf-8']);
    wire.send(message(text, [RESPONSE, respondTo(said, 'zwei')], [0xff, ''], [USER, 'jürgen'], [0xff, '']));
    t.is((await hear(wire)).bytes.toString('hex'), SUCCESS);
    await mustBeIn(t, wire);
  });

  test(`${name}: CH-4: the algorithm of PPP, where the client knows no other`, async (t) => {
    const server = await start(t, WITH_SERVER_SECRET);
    const wire = await dial(t, server);
    const said = await challenged(wire, [ALGORITHMS, of(1, PPP_MD5)]);
    t.is(said.items.get(ALGORITHMS)?.toString('hex'), '05');
    const identifier = said.items.get(IDENTIFIER)!;
    t.is(identifier.length, 1);
    const ours = Buffer.from('a challenge of ours');
    wire.send(message(...answerOf(said, 'alice', 'pw'), [IDENTIFIER, identifier], [CHALLENGE, ours]));
    const { items } = await hear(wire);
    t.deepEqual(
      [STATUS, IDENTIFIER, RESPONSE].map((attribute) => items.get(attribute)),
      [Buffer.from([0]), identifier, pppMd5('server', identifier, ours)],
    );
    wire.send(message([STATUS, of(0)], [IDENTIFIER, identifier]));
    await mustBeIn(t, wire);
    const other = await dial(t, server);
    const again = await challenged(other, [ALGORITHMS, of(PPP_MD5)]);
    const wrong = of((again.items.get(IDENTIFIER)![0]! + 1) % 256);
    other.send(message(...answerOf(again, 'alice', 'pw'), [IDENTIFIER, wrong]));
    t.is((await other.rest()).toString('hex'), FAILURE);
  });

  test(`${name}: CH-4: HMAC-MD5 is preferred; without a known algorithm nobody gets in`, async (t) => {
    const server = await start(t);
    const wire = await dial(t, server);
    const said = await challenged(wire, [ALGORITHMS, of(PPP_MD5, 1, HMAC_MD5)]);
    t.is(said.items.get(ALGORITHMS)?.toString('hex'), '85');
    t.false(said.items.has(IDENTIFIER));
    for (const first of [[[ALGORITHMS, of(1, 2)]], [[ALGORITHMS, '']], [[USER, 'alice']]] as const) {
      const other = await dial(t, server);
      t.is((await challenged(other, ...first)).bytes.toString('hex'), FAILURE);
      t.is((await other.rest()).length, 0);
      t.is((await server.event('refused')).fault.code, 'METHOD_UNACCEPTABLE');
    }
  });

  test(`${name}: CH-5: an unknown user, one without a secret and a wrong response look the same`, async (t) => {
    const server = await start(t, WITH_SERVER_SECRET);
    for (const [who, secret] of [
      ['nobody', 'pw'],
      ['bob', 'pw'],
      ['', 'pw'],
      ['', 'server'],
      ['alice', 'wrong'],
    ] as const) {
      for (const order of ['draft', 'c'] as const) {
        const wire = await dial(t, server);
        const named: readonly Item[] = [[USER, who]];
        const said = await challenged(wire, ...DRAFT, ...(order === 'c' ? named : []));
        t.is(said.bytes.length, 7 + 128);
        const response: Item = [RESPONSE, respondTo(said, secret)];
        wire.send(message(response, ...(order === 'c' ? [] : named), [CHALLENGE, 'prove it']));
        t.is((await wire.rest()).toString('hex'), FAILURE);
        const failed = await server.event('loginFailed');
        t.deepEqual([failed.user, failed.fault.code], [who, 'LOGIN_FAILED']);
      }
    }
  });

  test(`${name}: CH-6: an answer that is none`, async (t) => {
    const server = await start(t);
    const right = (said: Said): Item => [RESPONSE, respondTo(said, 'pw')];
    const alice: Item = [USER, 'alice'];
    for (const answer of [
      (said: Said) => message(alice, [RESPONSE, respondTo(said, 'pw').subarray(0, 15)]),
      (said: Said) => message(alice, [RESPONSE, Buffer.concat([respondTo(said, 'pw'), of(0)])]),
      () => message(alice, [RESPONSE, '']),
      () => message(alice),
      (said: Said) => message(right(said)),
      (said: Said) => message(alice, right(said), right(said)),
      (said: Said) => message(alice, right(said), alice),
      () => message(),
      () => hex('02'),
      () => hex('05 01 00 01'),
    ]) {
      const wire = await dial(t, server);
      wire.send(answer(await challenged(wire, ...DRAFT)));
      t.is((await wire.rest()).toString('hex'), FAILURE);
    }
  });

  test(`${name}: CH-7: each session has its own challenge, which no other response answers`, async (t) => {
    const server = await start(t);
    const wires = await Promise.all([dial(t, server), dial(t, server)]);
    const said = await Promise.all(wires.map((wire) => challenged(wire, ...DRAFT)));
    t.notDeepEqual(said[0]!.bytes, said[1]!.bytes);
    wires[0].send(message(...answerOf(said[1]!, 'alice', 'pw')));
    t.is((await wires[0].rest()).toString('hex'), FAILURE);
  });

  test(`${name}: CH-8: the server proves itself with its own secret`, async (t) => {
    const wire = await dial(t, await start(t, WITH_SERVER_SECRET));
    const said = await challenged(wire, ...DRAFT);
    const ours = Buffer.alloc(255, 7);
    wire.send(message([CHALLENGE, ours], ...answerOf(said, 'alice', 'pw')));
    const proof = message([STATUS, of(0)], [RESPONSE, hmacMd5('server', ours)]);
    t.is((await hear(wire)).bytes.toString('hex'), proof.toString('hex'));
    wire.send(message([STATUS, of(0)]));
    await mustBeIn(t, wire);
  });

  test(`${name}: CH-8: a challenge that is played back is refused`, async (t) => {
    for (const changes of [WITH_CHAP, WITH_SERVER_SECRET]) {
      const wire = await dial(t, await start(t, changes));
      const said = await challenged(wire, ...DRAFT);
      wire.send(message(...answerOf(said, 'alice', 'pw'), [CHALLENGE, said.items.get(CHALLENGE)!]));
      t.is((await wire.rest()).toString('hex'), FAILURE);
    }
  });

  test(`${name}: CH-8: without a secret of the server its proof is not given, and the session goes on`, async (t) => {
    const wire = await dial(t, await start(t));
    const said = await challenged(wire, ...DRAFT);
    wire.send(message(...answerOf(said, 'alice', 'pw'), [CHALLENGE, 'prove it']));
    t.is((await hear(wire)).bytes.toString('hex'), SUCCESS);
    await mustBeIn(t, wire);
  });

  test(`${name}: CH-9: a client that does not believe the server is closed without a word`, async (t) => {
    const server = await start(t, WITH_SERVER_SECRET);
    for (const verdict of [message([STATUS, of(1)]), message(), message([0x01, 'ok']), hex('05 01 00')]) {
      const wire = await dial(t, server);
      const said = await challenged(wire, ...DRAFT);
      wire.send(message(...answerOf(said, 'alice', 'pw'), [CHALLENGE, 'prove it']));
      t.is((await hear(wire)).items.get(STATUS)?.[0], 0);
      wire.send(verdict);
      t.is((await wire.rest()).length, 0);
      const { code } = (await server.event('refused')).fault;
      t.is(code, verdict[0] === 5 ? 'LOGIN_VERSION_UNSUPPORTED' : 'CLIENT_CLOSED');
    }
    t.false(server.events.some(({ kind }) => kind === 'connected' || kind === 'loginFailed'));
  });

  /** The time of the handshake is over for all sessions, without waiting for it. */
  const timeOut = ({ server }: TestServer): void => {
    for (const { handshake } of server.registry.list())
      handshake?.deadline.end(new Fault('HANDSHAKE_TIMEOUT'));
  };

  test(`${name}: CH-10: messages that stay incomplete end with the handshake`, async (t) => {
    for (const rest of ['', '01', '01 01', '01 01 11', '01 01 11 09 85', '01 ff 11 01 85']) {
      const server = await start(t);
      const wire = await dial(t, server);
      wire.send(hex(`05 01 03 ${rest}`));
      t.is((await wire.take(2)).toString('hex'), '0503');
      timeOut(server);
      t.is((await wire.rest()).length, 0);
      t.is((await server.event('refused')).fault.code, 'HANDSHAKE_TIMEOUT');
    }
  });

  test(`${name}: CH-10: a challenge that is not answered ends with the handshake`, async (t) => {
    const server = await start(t);
    const wire = await dial(t, server);
    await challenged(wire, ...DRAFT);
    timeOut(server);
    t.is((await wire.rest()).length, 0);
    t.is((await server.event('refused')).fault.code, 'HANDSHAKE_TIMEOUT');
  });

  test(`${name}: CH-10: no attribute, another version, more than 2048 bytes`, async (t) => {
    const server = await start(t);
    for (const first of ['01 00', '02', '05 01 00', `01 ff ${`7f ff ${'00'.repeat(255)}`.repeat(8)}`]) {
      const wire = await dial(t, server);
      wire.send(hex(`05 01 03 ${first}`));
      t.is((await wire.rest()).toString('hex'), `0503${FAILURE}`);
    }
  });

  test(`${name}: CH-11: one byte per segment, and the answer together with the request`, async (t) => {
    const wire = await dial(t, await start(t));
    const send = async (bytes: Uint8Array): Promise<void> => {
      for (const byte of bytes) {
        await new Promise((resolve) => wire.socket.write(of(byte), resolve));
        await new Promise(setImmediate);
      }
    };
    await send(Buffer.concat([of(5, 1, 3), message(...DRAFT)]));
    t.is((await wire.take(2)).toString('hex'), '0503');
    await send(message(...answerOf(await hear(wire), 'alice', 'pw')));
    t.is((await hear(wire)).bytes.toString('hex'), SUCCESS);
    const second = await dial(t, await start(t, WITH_SERVER_SECRET));
    const said = await challenged(second, ...DRAFT);
    second.send(message(...answerOf(said, 'alice', 'pw'), [CHALLENGE, 'prove it']));
    await hear(second);
    const port = await echoServer(t);
    const request = of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff, 0x2a);
    second.send(Buffer.concat([message([STATUS, of(0)]), request]));
    const reply = await second.take(11);
    t.deepEqual([reply[1], reply[10]], [0, 0x2a]);
  });

  test(`${name}: CH-12: a failure is FF, also where a rule keeps the user out`, async (t) => {
    const server = await start(t);
    const wire = await dial(t, server);
    wire.send(message(...answerOf(await challenged(wire, ...DRAFT), 'guest', 'pw')));
    t.is((await wire.rest()).toString('hex'), FAILURE);
    t.is((await server.event('refused')).fault.code, 'CLIENT_DENIED');
    t.false(server.events.some(({ kind }) => kind === 'loginFailed'));
  });

  test(`${name}: of the methods offered, CHAP comes before user/password, and that before none`, async (t) => {
    const anonymous = { ...WITH_CHAP, policy: policy({ hasUsers: true, anonymous: true }) };
    const without = { ...anonymous, chap: undefined };
    for (const [changes, offered, chosen] of [
      [anonymous, '00 02 03', '03'],
      [anonymous, '00 02', '02'],
      [anonymous, '00', '00'],
      [WITH_CHAP, '00 03', '03'],
      [WITH_CHAP, '00', 'ff'],
      [without, '03 02', '02'],
      [without, '03 00', '00'],
      [without, '03', 'ff'],
      [{}, '03 00', '00'],
    ] as const) {
      const wire = await dial(t, await start(t, changes));
      const methods = hex(offered);
      wire.send(Buffer.concat([of(5, methods.length), methods]));
      t.is((await wire.take(2)).toString('hex'), `05${chosen}`, offered);
    }
  });
}
