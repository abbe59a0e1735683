// Clients that come through a balancer, which tells by the PROXY protocol who they are. The tests are the balancer.
import test, { type ExecutionContext } from 'ava';
import { mustBeCidr } from '../../src/base/ip.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';
import { binaryHeader, checkedHeader, field } from '../support/proxyheaders.ts';
import { SNAPSHOT, startServerFor } from '../support/server.ts';
import { CLOSED_PORT, dialWire } from '../support/sockets.ts';
import { echoServer } from '../support/targets.ts';
import { transports } from '../support/transports.ts';
import {
  BEHIND,
  ALICE,
  LOCAL,
  GREETING,
  NO_METHOD,
  line,
  connectTo,
  login,
  send,
  endOf,
} from '../support/session/balanced.ts';

for (const { name, create } of transports) {
  const transport = create();

  const titled = (text: string, run: (t: ExecutionContext) => Promise<void>): void =>
    test(`${name}: ${text}`, run);

  titled('the announced client is the client, and not a byte behind the header is lost', async (t) => {
    const echo = await echoServer(t);
    const rules = section('', { network: '192.0.2.0/24', request: `connect:127.0.0.1` });
    const server = await startServerFor(t, transport, { ...BEHIND, policy: policy({ rules }) });
    const extras = [field(1, 'socks5'), field(2, 'proxy.test'), field(5, 'id-7')];
    for (const header of [line('192.0.2.7'), checkedHeader({ fields: extras })]) {
      const wire = await send(server, header, GREETING, connectTo(echo), 'ping');
      t.is((await wire.take(2 + 10 + 4)).subarray(12).toString(), 'ping');
      const { session } = await server.event('accepted');
      t.deepEqual(session.client, { ip: ip('192.0.2.7'), port: 4242 });
      t.like(session.introduction, { client: 'announced', balancer: { ip: '127.0.0.1' } });
      wire.socket.end();
      t.like(await server.event('ended'), { endedBy: 'client-fin', bytesUp: 4 });
    }
  });

  titled('who is announced is judged: rules, protection of open proxies, guard', async (t) => {
    const open = await startServerFor(t, transport, BEHIND);
    const outsider = await send(open, line('192.0.2.7'), GREETING);
    t.is(await endOf(outsider), 'fin');
    t.is((await open.event('refused')).fault.code, 'CLIENT_NOT_LOCAL');
    const insider = await send(open, line('10.0.0.7'), GREETING, connectTo(CLOSED_PORT));
    t.is((await insider.take(4))[3], 2);
    t.is((await open.event('refused')).fault.code, 'GUARD_DENIED');
    const mapped = await send(
      open,
      'PROXY TCP6 ::ffff:10.0.0.7 ::1 1 2\r\n',
      GREETING,
      connectTo(CLOSED_PORT),
    );
    t.is((await mapped.take(4))[3], 2);
    t.is((await open.event('refused')).session.client.ip, ip('10.0.0.7'));
  });

  titled('a balancer on this host may announce a client on it, who reaches it', async (t) => {
    const server = await startServerFor(t, transport, BEHIND);
    const wire = await send(server, line('127.0.0.1'), GREETING, connectTo(CLOSED_PORT));
    t.is((await wire.take(4))[3], 5);
  });

  titled('a header from elsewhere is reset, and told of', async (t) => {
    const server = await startServerFor(t, transport, BEHIND);
    for (const header of [line('10.0.0.7'), binaryHeader()]) {
      const wire = await dialWire(server.port, '127.0.0.1', '127.0.0.9');
      wire.send(header);
      t.is(await endOf(wire), 'reset');
      const { fault, session } = await server.event('refused');
      t.is(`${fault.code} ${session.client.ip}`, 'PROXY_HEADER_UNTRUSTED 127.0.0.9');
    }
    t.deepEqual(server.logins.bans.list(), []);
  });

  titled('a balancer that sends no header, or a bad one, is reset with the reason', async (t) => {
    const server = await startServerFor(t, transport, BEHIND);
    const cases: readonly [bytes: Uint8Array | string, cause: RegExp][] = [
      [GREETING, /begins without a header/],
      [checkedHeader({}, 1), /does not allow/],
      [line('224.0.0.1'), /no client has/],
    ];
    for (const [bytes, cause] of cases) {
      t.is(await endOf(await send(server, bytes)), 'reset');
      const { fault, client } = await server.event('turnedAway');
      t.is(`${fault.code} ${client?.ip}`, 'PROXY_HEADER_BAD 127.0.0.1');
      t.regex(String(fault.cause), cause);
    }
    t.is(server.events.length, cases.length);
  });

  titled('a health check that only connects leaves no trace, with LOCAL none above debug', async (t) => {
    const server = await startServerFor(t, transport, BEHIND);
    const silent = await dialWire(server.port);
    silent.socket.end();
    await silent.ending();
    const wire = await send(server, LOCAL);
    wire.socket.end();
    t.is(await wire.ending(), 'fin');
    const { fault, session } = await server.event('refused');
    t.is(`${fault.code} ${session.introduction?.client}`, 'CLIENT_CLOSED hidden');
    t.deepEqual(
      server.events.map(({ kind }) => kind),
      ['accepted', 'refused'],
    );
  });

  for (const [what, header] of [
    ['LOCAL', LOCAL],
    ['UNKNOWN', 'PROXY UNKNOWN\r\n'],
    ['a Unix socket', binaryHeader({ family: 0x31, addresses: '00'.repeat(216) })],
  ] as const) {
    titled(`${what} gets its greeting answered, and nobody becomes local by it`, async (t) => {
      const server = await startServerFor(t, transport, BEHIND);
      const wire = await send(server, header, GREETING);
      t.deepEqual([...(await wire.take(2))], [5, 0]);
      wire.send(connectTo(CLOSED_PORT));
      t.deepEqual([...(await wire.take(10)).subarray(0, 2)], [5, 2]);
      t.is((await server.event('refused')).fault.code, 'CLIENT_HIDDEN');
    });
  }

  titled(
    'a hidden client is never trusted, and comes in only where the rules admit its balancer',
    async (t) => {
      const logins = {
        ...SNAPSHOT.logins,
        trust: { whitelist: [mustBeCidr('127.0.0.1/32')], authOnceMs: 0 },
      };
      const users = { ...BEHIND, ...ALICE, logins };
      const shut = await startServerFor(t, transport, { ...users, policy: policy({ hasUsers: true }) });
      const wire = await send(shut, LOCAL, NO_METHOD);
      t.deepEqual([...(await wire.take(2))], [5, 2]);
      wire.send(login('secret'));
      await wire.rest();
      t.is((await shut.event('refused')).fault.code, 'CLIENT_HIDDEN');
      const rules = section('', { network: '127.0.0.1' });
      const server = await startServerFor(t, transport, {
        ...users,
        policy: policy({ hasUsers: true, rules }),
      });
      const unnamed = await send(server, LOCAL, GREETING);
      t.deepEqual([...(await unnamed.take(2))], [5, 255]);
      const alice = await send(server, LOCAL, NO_METHOD, login('secret'), connectTo(CLOSED_PORT));
      t.deepEqual([...(await alice.take(2 + 2 + 4))], [5, 2, 1, 0, 5, 2, 0, 1]);
      t.is((await server.event('refused')).fault.code, 'METHOD_UNACCEPTABLE');
      t.is((await server.event('refused')).fault.code, 'GUARD_DENIED');
    },
  );
}
