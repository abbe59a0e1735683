// hosts.allow and hosts.deny in front of sessions, over every transport, with names from a name server of the test.
import test, { type ExecutionContext } from 'ava';
import { parseHostsAccess } from '../../src/config/hosts/hostsaccess.ts';
import { decideByHosts, type HostsAccess } from '../../src/policy/access/hostsaccess.ts';
import { startDnsServer } from '../support/dns.ts';
import { startServer } from '../support/server.ts';
import { greet } from '../support/socks.ts';
import { transports } from '../support/transports.ts';

const ZONE = {
  '2.0.0.127.in-addr.arpa': { ptr: ['a.inside.test'] },
  'a.inside.test': { a: ['127.0.0.2'] },
  // Calls itself what it is not.
  '3.0.0.127.in-addr.arpa': { ptr: ['a.inside.test'] },
  '4.0.0.127.in-addr.arpa': { ptr: 'silent' },
} as const;

function hostsAccess(allow: string, deny: string): HostsAccess {
  const rules = [
    ...parseHostsAccess(allow, '/etc/hosts.allow', { verdict: 'allow', daemon: 'picosocks5' }).rules,
    ...parseHostsAccess(deny, '/etc/hosts.deny', { verdict: 'deny', daemon: 'picosocks5' }).rules,
  ];
  return { decide: (client, naming) => decideByHosts(rules, client, naming) };
}

for (const { name, create } of transports) {
  const transport = create();

  const start = async (t: ExecutionContext, allow: string, deny: string, handshakeTimeoutMs = 5000) => {
    const dns = await startDnsServer(ZONE);
    const changes = { hostsAccess: hostsAccess(allow, deny), handshakeTimeoutMs };
    const server = await startServer(transport, changes, undefined, [dns.endpoint]);
    t.teardown(() => server.stop());
    t.teardown(() => dns.close());
    /** Why a client of that address was refused; others may have come and gone meanwhile. */
    const refusalOf = async (client: string) => {
      for (;;) {
        const { session, fault } = await server.event('refused');
        if (session.client.ip === client) return fault;
      }
    };
    const denied = async () => (await server.event('turnedAway')).fault;
    return { dns, denied, refusalOf, greet: (from: string) => greet(server.port, from) };
  };

  test(`${name}: who is denied by address is turned away with the line that did it`, async (t) => {
    const { greet, denied, dns } = await start(t, '', 'picosocks5: 127.0.0.5 .inside.test\n');
    t.is(await greet('127.0.0.5'), 'reset');
    const fault = await denied();
    t.deepEqual(
      [fault.code, fault.cause],
      ['CLIENT_DENIED', 'picosocks5: 127.0.0.5 .inside.test (/etc/hosts.deny:1)'],
    );
    t.deepEqual(dns.queries, []);
  });

  test(`${name}: a name counts where it leads back to the address`, async (t) => {
    const { greet, refusalOf } = await start(t, 'ALL: .inside.test\n', 'ALL: ALL\n');
    t.is(await greet('127.0.0.2'), '0500');
    t.is(await greet('127.0.0.3'), 'fin');
    t.is((await refusalOf('127.0.0.3')).cause, 'ALL: ALL (/etc/hosts.deny:1)');
  });

  test(`${name}: who is denied by name is refused without a byte`, async (t) => {
    const { greet, refusalOf } = await start(t, '', 'ALL: .inside.test\n');
    t.is(await greet('127.0.0.2'), 'fin');
    t.is((await refusalOf('127.0.0.2')).code, 'CLIENT_DENIED');
    t.is(await greet('127.0.0.3'), '0500');
  });

  test(`${name}: a name server that is silent delays nobody else, and not beyond the handshake limit`, async (t) => {
    const { greet, refusalOf } = await start(t, 'ALL: .inside.test\n', 'ALL: ALL EXCEPT 127.0.0.1\n', 400);
    const silent = greet('127.0.0.4');
    t.is(await greet('127.0.0.2'), '0500');
    t.is(await silent, 'fin');
    t.is((await refusalOf('127.0.0.4')).code, 'HANDSHAKE_TIMEOUT');
  });
}
