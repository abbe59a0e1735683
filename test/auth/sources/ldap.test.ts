// Logins by slapd of Debian: every kind of user, names that would be a filter, TLS, and servers that are down or hang.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import * as ldapts from 'ldapts';
import { Ldap, type LdapPlan } from '../../../src/auth/sources/ldap.ts';
import { groupNameOf, readFilter } from '../../../src/auth/sources/ldapnames.ts';
import { LdapLink } from '../../../src/auth/sources/ldaplink.ts';
import type { Verdict } from '../../../src/auth/sources/source.ts';
import { parseIp } from '../../../src/base/ip.ts';
import { AUTH_SOURCE } from '../../../src/config/values/authsource.ts';
import { createAuthority, identityOptions } from '../../support/certificates.ts';
import { BASE, needingSlapd, READER, startSlapd } from '../../support/slapd.ts';

function serversOf(...urls: readonly string[]): LdapPlan['servers'] {
  const parsed = AUTH_SOURCE.parse(`ldap:${urls.join(' ')}`, {
    origin: {},
    folder: '/',
    portOf: () => undefined,
  });
  if (parsed.kind === 'wrong' || !('servers' in parsed.value)) throw new Error('no servers');
  return parsed.value.servers;
}

function directory(t: ExecutionContext, urls: readonly string[], more: Partial<LdapPlan> = {}) {
  const plan: LdapPlan = {
    name: 'ldap',
    servers: serversOf(...urls),
    base: BASE,
    userFilter: readFilter('(&(objectClass=inetOrgPerson)(uid=%u))', ldapts),
    account: READER,
    groups: { attribute: 'memberOf' },
    startTls: false,
    ca: undefined,
    timeoutMs: 5000,
    ...more,
  };
  const log = { changed: () => undefined, said: () => undefined };
  const ldap = new Ldap(plan, ldapts, log, () => performance.now());
  t.teardown(() => ldap.close());
  const ask = (user: string | Buffer, password: string | Buffer = 'secret'): Promise<Verdict> =>
    ldap.ask({ user: Buffer.from(user), password: Buffer.from(password), client: parseIp('192.0.2.1')! });
  return { ldap, ask };
}

needingSlapd('right, wrong, unknown, expired, ambiguous: each is what it is', async (t) => {
  const { ask, ldap } = directory(t, [(await startSlapd(t)).url]);
  t.is(await ldap.prove(), undefined);
  const groups = ['staff', 'ops, night'];
  t.deepEqual(await ask('alice'), { kind: 'yes', name: 'alice', groups, ttlMs: undefined });
  t.like(await ask('ALICE'), { kind: 'yes', name: 'alice' }, 'as the directory writes it');
  t.like(await ask('b,ob'), { kind: 'yes', name: 'b,ob' });
  t.deepEqual(await ask('alice', 'wrong'), { kind: 'no', isKnown: true, why: 'invalid credentials' });
  t.like(await ask('stranger'), { kind: 'no', isKnown: false });
  t.like(await ask('old'), { kind: 'no', isKnown: true });
  t.like(await ask('twin'), { kind: 'no', isKnown: true, why: 'the filter fits several entries' });
  t.like(await ask('elsewhere'), { kind: 'no', isKnown: false }, 'no referral is followed');
});

needingSlapd('names that would be a filter, or a DN, are names', async (t) => {
  const { ask } = directory(t, [(await startSlapd(t)).url]);
  for (const name of [
    '*',
    'al*',
    'alice)(uid=*',
    '*)(objectClass=*',
    '\\2a',
    '%u',
    `alice,${BASE}`,
    '#04',
    'a\\',
  ])
    t.like(await ask(name), { kind: 'no', isKnown: false }, name);
  t.like(await ask(Buffer.from([0xff, 0xfe])), { kind: 'no' });
  t.like(await ask('alice', Buffer.from([0xff])), { kind: 'no' });
});

needingSlapd('groups are found by a filter, too, as whatever account searches', async (t) => {
  const { url } = await startSlapd(t);
  const filter = readFilter('(&(objectClass=groupOfNames)(member=%d))', ldapts);
  t.like(await directory(t, [url], { groups: { filter } }).ask('alice'), { groups: ['staff'] });
  t.like(await directory(t, [url], { groups: undefined }).ask('alice'), { groups: [] });
  const stranger = directory(t, [url], { account: { ...READER, password: 'no' } });
  t.regex(((await stranger.ask('alice')) as { why: string }).why, /code 49/);
  t.regex((await stranger.ldap.prove()) ?? '', /code 49/);
  t.regex((await directory(t, [url], { base: 'dc=nowhere' }).ldap.prove()) ?? '', /code 32/);
});

needingSlapd('over TLS and StartTLS by a CA; without trust nobody is asked', async (t) => {
  const authority = createAuthority();
  const slapd = await startSlapd(t, authority);
  const ca = readFileSync(authority.file, 'utf8');
  t.like(await directory(t, [slapd.secureUrl], { ca }).ask('alice'), { kind: 'yes' });
  t.like(await directory(t, [slapd.url], { ca, startTls: true }).ask('alice'), { kind: 'yes' });
  for (const [url, startTls] of [
    [slapd.secureUrl, false],
    [slapd.url, true],
  ] as const) {
    const untrusted = await directory(t, [url], { startTls }).ask('alice');
    t.regex(
      (untrusted as { why: string }).why,
      /unable to get local issuer|self-signed certificate|unable to verify/,
    );
    const named = url.replace('127.0.0.1', 'localhost');
    const another = await directory(t, [named], { ca, startTls }).ask('alice');
    t.regex((another as { why: string }).why, /altname|ECONNREFUSED/, 'the certificate is for 127.0.0.1');
  }
});

needingSlapd('a server that is killed, or hangs: the next one is asked, else nobody knows', async (t) => {
  const [one, two] = [await startSlapd(t), await startSlapd(t)];
  const pair = directory(t, [one.url, two.url], { timeoutMs: 2000 });
  const lone = directory(t, [one.url], { timeoutMs: 2000 });
  t.like(await pair.ask('alice'), { kind: 'yes' });
  t.like(await lone.ask('alice'), { kind: 'yes' });
  one.signal('SIGSTOP');
  t.like(await lone.ask('alice'), { kind: 'unavailable', wasAsked: true });
  t.regex(lone.ldap.status().detail ?? '', /no answer in 2000 ms/);
  t.like(await pair.ask('alice'), { kind: 'yes' });
  one.signal('SIGCONT');
  t.like(await lone.ask('alice'), { kind: 'yes' });
  t.is(lone.ldap.status().state, 'up');
  await one.kill();
  t.regex(((await lone.ask('alice')) as { why: string }).why, /ECONNREFUSED/);
  t.like(await pair.ask('alice'), { kind: 'yes' });
  await two.kill();
  t.like(await pair.ask('alice'), { kind: 'unavailable' });
});

for (const startTls of [false, true]) {
  test(`a connection that was cut ${startTls ? 'after StartTLS ' : ''}is not opened again behind our back`, async (t) => {
    const authority = createAuthority();
    const identity = identityOptions(authority.issue('IP:127.0.0.1'));
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        if (!startTls) return socket.destroy();
        // The answer to the extended request of that number: success.
        socket.write(Buffer.from(`300c0201${bytes.subarray(4, 5).toString('hex')}78070a010004000400`, 'hex'));
        const secure = new TLSSocket(socket, { isServer: true, ...identity });
        secure.on('error', () => undefined).on('secure', () => setImmediate(() => socket.destroy()));
        return undefined;
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const plan = { startTls, ca: readFileSync(authority.file, 'utf8'), timeoutMs: 10_000 };
    const link = await LdapLink.open(serversOf(`ldap://127.0.0.1:${port}`)[0]!, plan, ldapts);
    await link.run((client) => client.search('')).catch(() => undefined);
    t.false(link.isOpen);
    await t.throwsAsync(link.run((client) => client.bind(READER.dn, READER.password)));
    t.is(connections, 1);
  });
}

test('readFilter() puts names in as values, and refuses other places for them', (t) => {
  const filter = readFilter('(|(uid=%u)(!(&(cn=x)(mail=%u@example.org))))', ldapts);
  t.is(filter.nameAttribute, 'uid');
  t.is(
    filter.fill({ u: 'a*)(' }).toString(),
    '(|(uid=a\\2a\\29\\28)(!(&(cn=x)(mail=a\\2a\\29\\28@example.org))))',
  );
  t.is(filter.fill({ u: '%u%d', d: 'x' }).toString().includes('uid=%u%d'), true);
  for (const text of ['(uid=%u*)', '(uid>=%u)', '(%u=x)', 'uid=', '((uid=%u)', ''])
    t.throws(() => readFilter(text, ldapts).fill({ u: 'x' }), undefined, text);
  t.is(readFilter('(uid=alice)', ldapts).nameAttribute, undefined);
});

test('groupNameOf() takes the first part of a DN, and any other text as it is', (t) => {
  for (const [value, name] of [
    ['cn=staff,dc=x', 'staff'],
    ['CN=Domain Users,CN=Users,DC=x', 'Domain Users'],
    ['cn=a\\, b,dc=x', 'a, b'],
    ['cn=L\\C3\\BCbeck,dc=x', 'Lübeck'],
    ['staff', 'staff'],
    ['1000', '1000'],
    ['a=b', 'a=b'],
  ] as const)
    t.is(groupNameOf(value), name);
});
