// CHAP over every transport. Its challenges are random, so its conversations cannot be data as those of wire.test.ts are.
import test, { type ExecutionContext } from 'ava';
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
} from '../support/chap.ts';
import { policy } from '../support/policy.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import {
  hex,
  of,
  DRAFT,
  FAILURE,
  WITH_CHAP,
  WITH_SERVER_SECRET,
  answerOf,
} from '../support/session/chapclient.ts';

const SUCCESS = '0101000100';

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

  test(`${name}: CH-8: without a secret of the server its proof is not given, and the session goes on`, async (t) => {
    const wire = await dial(t, await start(t));
    const said = await challenged(wire, ...DRAFT);
    wire.send(message(...answerOf(said, 'alice', 'pw'), [CHALLENGE, 'prove it']));
    t.is((await hear(wire)).bytes.toString('hex'), SUCCESS);
    await mustBeIn(t, wire);
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
