// UDP ASSOCIATE whose datagrams routes lead through proxies: other servers of ours, Dante, and some that lie.
import test, { type ExecutionContext } from 'ava';
import { plainly } from '../../src/net/layer.ts';
import { datagram, mustEcho, openAssociation, type NamedTarget } from '../support/associations.ts';
import { startDnsServer, type DnsRecord, type DnsServer } from '../support/dns.ts';
import { withIpv6 } from '../support/ipv6.ts';
import { at } from '../support/legs.ts';
import { routing } from '../support/routes.ts';
import { onlyUser } from '../support/server.ts';
import { transports } from '../support/transports.ts';
import { udpEcho, udpPeer } from '../support/udp.ts';
import { scriptedServer, startDante } from '../support/upstreams.ts';
import { request, grants, endOf, startRouted } from '../support/session/udproutes.ts';

async function namesFor(t: ExecutionContext, table: Record<string, DnsRecord>): Promise<DnsServer> {
  const dns = await startDnsServer(table);
  t.teardown(() => dns.close());
  return dns;
}

for (const { name, create } of transports) {
  const transport = create();

  const title = (sentence: string) => `${name}: ${sentence}`;

  const start = startRouted(transport);

  for (const count of [1, 2, 3]) {
    withIpv6(title(`datagrams pass through ${count} proxies of ours, to IPv4, IPv6 and names`), async (t) => {
      const dns = await namesFor(t, { 'echo.test': { a: ['127.0.0.1'] } });
      const [echo, echo6] = [await udpEcho(t), await udpEcho(t, '::1')];
      const far = await start(t, { names: dns });
      const others = await Promise.all(Array.from({ length: count - 1 }, () => start(t)));
      const hops = [far, ...others].map(({ port }) => `127.0.0.1 ${port}/5`);
      const front = await start(t, { routes: [`* any ${hops.join(' ')}`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, 'four');
      await mustEcho(t, each, echo6, 'six');
      await mustEcho(t, each, echo, '');
      await each.send('by name', { name: 'echo.test', port: echo.local.port });
      const answer = await each.answer();
      t.deepEqual([answer.payload.toString(), answer.source], ['by name', echo.local]);
      const { session, bytesUp, bytesDown, dropped } = await endOf(front, each);
      t.deepEqual([bytesUp, bytesDown, dropped], [14, 14, undefined]);
      t.is(
        session.via,
        hops
          .map((hop) => hop.replace(' ', ':').replace('/5', ''))
          .reverse()
          .join(','),
      );
      // One association at each; those before the last one carry the connections to the next ones, too.
      t.is((await far.event('ended')).session.command, 'assoc');
      for (const other of others) t.like(await other.event('listening'), { session: { command: 'assoc' } });
    });
  }

  withIpv6(title('a proxy may be reached over IPv6, and one behind it over IPv4'), async (t) => {
    const [echo, echo6] = [await udpEcho(t), await udpEcho(t, '::1')];
    const [far, near] = [await start(t), await start(t)];
    const six = await near.server.listen(plainly(at(0, '::1')));
    for (const far4 of ['', `127.0.0.1 ${far.port}/5 `]) {
      const front = await start(t, { routes: [`* any ${far4}[::1] ${six.port}/5`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, 'four');
      await mustEcho(t, each, echo6, 'six');
      t.is((await endOf(front, each)).dropped, undefined);
    }
  });

  test(title('proxies get the logins that are theirs'), async (t) => {
    const echo = await udpEcho(t);
    const [far, near] = [
      await start(t, { checkLogin: onlyUser('far', 'one') }),
      await start(t, { checkLogin: onlyUser('near', 'two') }),
    ];
    const routes = routing([`* any 127.0.0.1 ${far.port}/5 127.0.0.1 ${near.port}/5`]);
    const credentials = ({ port }: { readonly port: number }) => {
      const [user, password] = port === far.port ? ['far', 'one'] : ['near', 'two'];
      return { user: Buffer.from(user), password: Buffer.from(password), method: 'password' } as const;
    };
    const front = await start(t, { routing: { ...routes, credentials } });
    const each = await openAssociation(t, front.port);
    await mustEcho(t, each, echo, 'let in');
    t.like(await far.event('listening'), { session: { identity: { name: 'far' } } });
  });

  test(title('Dante takes datagrams, before and behind a proxy of ours'), async (t) => {
    const echo = await udpEcho(t);
    const [dante, ours] = [await startDante(t), await start(t)];
    for (const chain of [
      `127.0.0.1 ${dante}/5`,
      `127.0.0.1 ${dante}/5 127.0.0.1 ${ours.port}/5`,
      `127.0.0.1 ${ours.port}/5 127.0.0.1 ${dante}/5`,
    ]) {
      const front = await start(t, { routes: [`* any ${chain}`] });
      const each = await openAssociation(t, front.port);
      await mustEcho(t, each, echo, chain);
      await mustEcho(t, each, echo, 'again');
      t.is((await endOf(front, each)).dropped, undefined);
    }
  });

  test(title('a name travels as it is, and the rules see nothing but the name'), async (t) => {
    const dns = await namesFor(t, { 'echo.test': { a: ['127.0.0.1'] }, 'shut.test': { a: ['127.0.0.1'] } });
    const echo = await udpEcho(t);
    const far = await start(t, { names: dns });
    const routes = [`* any 127.0.0.1 ${far.port}`];
    const front = await start(t, { routes, ...request('!assoc:127.0.0.1 !assoc:shut.test assoc:*') });
    const each = await openAssociation(t, front.port);
    await each.send('shut', { name: 'shut.test', port: echo.local.port });
    await each.send('shut', echo.local);
    for (const word of ['one', 'two']) {
      await each.send(word, { name: 'Echo.Test.', port: echo.local.port });
      t.is((await each.answer()).payload.toString(), word);
    }
    t.deepEqual((await endOf(front, each)).dropped, { denied: 2 });
    t.false(dns.queries.some((query) => query.includes('shut')));
  });

  test(title('a name of this host never travels, and one of Tor does'), async (t) => {
    const dns = await namesFor(t, { 'abc.onion': { a: ['127.0.0.1'] } });
    const echo = await udpEcho(t);
    const far = await start(t, { names: dns });
    const front = await start(t, { routes: [`* any 127.0.0.1 ${far.port}`], names: dns });
    const each = await openAssociation(t, front.port);
    for (const name of ['localhost', 'a.LocalHost.']) {
      await each.send(name, { name, port: echo.local.port });
      t.is((await each.answer()).payload.toString(), name);
    }
    t.false(far.events.some(({ kind }) => kind === 'accepted'));
    await each.send('void', { name: 'abc.invalid', port: echo.local.port });
    await each.send('tor', { name: 'abc.onion', port: echo.local.port });
    await far.event('listening');
    t.deepEqual((await endOf(front, each)).dropped, { unresolved: 1 });
    // No name server was asked: not here for any of them, and not by the proxy for that of Tor.
    t.deepEqual(dns.queries, []);
  });

  test(title('names=local looks names up here, and asks the rules about each address'), async (t) => {
    const dns = await namesFor(t, { 'echo.test': { a: ['127.0.0.9', '127.0.0.1'] } });
    const echo = await udpEcho(t);
    const far = await start(t);
    const front = await start(t, {
      routes: [`echo.test any 127.0.0.1 ${far.port} names=local`],
      names: dns,
      ...request('!assoc:127.0.0.9 assoc:*'),
    });
    const each = await openAssociation(t, front.port);
    await each.send('found', { name: 'echo.test', port: echo.local.port });
    t.is((await each.answer()).payload.toString(), 'found');
    // The same place without the name is reached straight.
    await mustEcho(t, each, echo, 'straight');
    const seen = await echo.take(2);
    t.not(seen[0]!.from.port, seen[1]!.from.port);
  });

  test(title('an answer to a name comes from any address, but from the port'), async (t) => {
    const relay = await udpPeer(t);
    const liar = await scriptedServer(t, grants(relay));
    const front = await start(t, { routes: [`* any 127.0.0.1 ${liar.port}/5`] });
    const each = await openAssociation(t, front.port);
    const target: NamedTarget = { name: 'far.test', port: 53 };
    await each.send('asked', target);
    const [arrived] = await relay.take(1);
    t.true(arrived!.bytes.equals(datagram('asked', target)));
    await relay.send(datagram('another port', at(54, '192.0.2.1')), arrived!.from);
    await relay.send(datagram('answer', at(53, '2001:db8::1')), arrived!.from);
    const answer = await each.answer();
    t.deepEqual([answer.source, answer.payload.toString()], [at(53, '2001:db8::1'), 'answer']);
    t.deepEqual((await endOf(front, each)).dropped, { stranger: 1 });
  });
}
