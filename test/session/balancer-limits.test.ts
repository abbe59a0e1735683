// Announced clients and what counts them: bans, limits, UDP, BIND and layers.
import test, { type ExecutionContext } from 'ava';
import { ip } from '../support/ip.ts';
import { limits } from '../support/limits.ts';
import { policy, section } from '../support/policy.ts';
import { loopback, SNAPSHOT, startServerFor } from '../support/server.ts';
import { dialWire } from '../support/sockets.ts';
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

const EVERYBODY = { network: '*' };

for (const { name, create } of transports) {
  const transport = create();

  const titled = (text: string, run: (t: ExecutionContext) => Promise<void>): void =>
    test(`${name}: ${text}`, run);

  titled('wrong passwords ban the client that is announced, and no health check', async (t) => {
    const bans = { ...SNAPSHOT.logins.bans, failures: 3 };
    const server = await startServerFor(t, transport, {
      ...BEHIND,
      ...ALICE,
      logins: { ...SNAPSHOT.logins, bans },
      policy: policy({ hasUsers: true, rules: section('', EVERYBODY) }),
    });
    const guess = async (client: string | Uint8Array, password: string, user = 'eve'): Promise<string> => {
      const wire = await send(server, client, NO_METHOD, login(password, user));
      return wire.take(4).then(
        (bytes) => (bytes[3] === 0 ? 'in' : 'wrong'),
        () => 'banned',
      );
    };
    for (const header of [line('192.0.2.7'), LOCAL])
      for (const password of ['a', 'b', 'c']) t.is(await guess(header, password), 'wrong');
    t.is(await guess(line('192.0.2.7'), 'secret', 'alice'), 'banned');
    t.is(await guess(line('192.0.2.8'), 'secret', 'alice'), 'in');
    t.deepEqual(
      server.logins.bans
        .list()
        .filter(({ kind }) => kind === 'client')
        .map((ban) => ban.name)
        .sort(),
      ['127.0.0.1', '192.0.2.7'],
    );
    const check = await send(server, LOCAL, NO_METHOD);
    t.deepEqual([...(await check.take(2))], [5, 2]);
    check.socket.destroy();
  });

  titled('limits count the clients that are announced', async (t) => {
    const server = await startServerFor(t, transport, {
      ...BEHIND,
      policy: policy({ rules: section('', EVERYBODY) }),
      limits: limits('client sessions=2'),
    });
    const held = [];
    for (const client of ['192.0.2.7', '192.0.2.7', '192.0.2.8'])
      held.push(await send(server, line(client), GREETING));
    for (const wire of held) t.deepEqual([...(await wire.take(2))], [5, 0]);
    t.is(await endOf(await send(server, line('192.0.2.7'), GREETING)), 'reset');
    t.is((await server.event('turnedAway')).client?.ip, ip('192.0.2.7'));
    for (const wire of held) wire.socket.destroy();
  });

  titled('UDP ASSOCIATE needs a public address, at which the client reaches this host', async (t) => {
    const outside = (publicAddresses: readonly string[]) => ({
      outside: { ...SNAPSHOT.outside, publicAddresses: publicAddresses.map(ip) },
    });
    const rules = section('', EVERYBODY);
    const associate = Uint8Array.of(5, 3, 0, 1, 0, 0, 0, 0, 0, 0);
    const without = await startServerFor(t, transport, {
      ...BEHIND,
      ...outside(['2001:db8::1']),
      policy: policy({ rules }),
    });
    const refused = await send(without, line('192.0.2.7'), GREETING, associate);
    t.deepEqual([...(await refused.take(4)).subarray(2)], [5, 7]);
    t.regex(String((await without.event('refused')).fault.cause), /no public-address for IPv4/);
    const server = await startServerFor(t, transport, {
      ...BEHIND,
      ...outside(['203.0.113.9']),
      policy: policy({ rules }),
    });
    const wire = await send(server, line('192.0.2.7'), GREETING, associate);
    t.deepEqual([...(await wire.take(2 + 8))].slice(2), [5, 0, 0, 1, 203, 0, 113, 9]);
    t.like(await server.event('listening'), { bound: { ip: '203.0.113.9' } });
    wire.socket.destroy();
  });

  titled('BIND for anybody does not wait at the loopback address that a balancer has dialled', async (t) => {
    const rules = section('', EVERYBODY);
    const server = await startServerFor(t, transport, { ...BEHIND, policy: policy({ rules }) });
    const wire = await send(server, line('192.0.2.7'), GREETING, Uint8Array.of(5, 2, 0, 1, 0, 0, 0, 0, 0, 0));
    t.deepEqual([...(await wire.take(4))].slice(2), [5, 8]);
    t.is((await server.event('refused')).fault.code, 'FAMILY_UNSUPPORTED');
  });

  titled('with layers the header stands outermost, and who it announces passes them', async (t) => {
    const echo = await echoServer(t);
    const server = await startServerFor(t, transport, {
      ...BEHIND,
      policy: policy({ rules: section('', { network: '*', request: 'all:127.0.0.1' }) }),
    });
    const met: string[] = [];
    const layer = {
      name: 'test',
      cover: async (leg: Parameters<Parameters<typeof transport.listen>[1]>[0]) => {
        met.push(leg.remote.ip);
        const mark = await leg.read();
        leg.unread(mark?.subarray(1) ?? Uint8Array.of());
        return leg;
      },
    };
    const { port } = await server.server.listen({ endpoint: loopback(0), layers: [layer] });
    const wire = await dialWire(port);
    wire.send(Buffer.concat([Buffer.from(`${line('192.0.2.7')}!`), GREETING, connectTo(echo)]));
    t.is((await wire.take(4))[3], 0);
    t.deepEqual(met, ['192.0.2.7']);
    wire.socket.destroy();
  });
}
