// CHAP that fails: wrong responses, broken messages, silence, and proofs that are not believed.
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../src/base/fault.ts';
import type { Snapshot } from '../../src/session/session.ts';
import {
  challenged,
  CHALLENGE,
  hear,
  message,
  RESPONSE,
  respondTo,
  STATUS,
  USER,
  type Item,
  type Said,
} from '../support/chap.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { dialWire, type Wire } from '../support/sockets.ts';
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

  test(`${name}: CH-8: a challenge that is played back is refused`, async (t) => {
    for (const changes of [WITH_CHAP, WITH_SERVER_SECRET]) {
      const wire = await dial(t, await start(t, changes));
      const said = await challenged(wire, ...DRAFT);
      wire.send(message(...answerOf(said, 'alice', 'pw'), [CHALLENGE, said.items.get(CHALLENGE)!]));
      t.is((await wire.rest()).toString('hex'), FAILURE);
    }
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

  test(`${name}: CH-12: a failure is FF, also where a rule keeps the user out`, async (t) => {
    const server = await start(t);
    const wire = await dial(t, server);
    wire.send(message(...answerOf(await challenged(wire, ...DRAFT), 'guest', 'pw')));
    t.is((await wire.rest()).toString('hex'), FAILURE);
    t.is((await server.event('refused')).fault.code, 'CLIENT_DENIED');
    t.false(server.events.some(({ kind }) => kind === 'loginFailed'));
  });
}
