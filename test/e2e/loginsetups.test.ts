// The examples of docs/logins.md, written and typed as they stand there on a host of their own: each does what the text says.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ava, { type ExecutionContext } from 'ava';
import { createAuthority } from '../support/certificates.ts';
import { addAccounts, openWorld, type World } from '../support/docsworld.ts';
import { HAS_KERBEROS } from '../support/kdc.ts';
import { needing, type Declare } from '../support/needing.ts';
import { IS_ROOT } from '../support/root.ts';
import { setupOf, type Setup } from '../support/setups.ts';

const SQUID = '/usr/lib/squid';
const GSS_CLIENT = fileURLToPath(new URL('../support/gssclient.py', import.meta.url));

const typed = (what: string, ...programs: readonly string[]): Declare =>
  needing(`${what} and root`, IS_ROOT && programs.every((path) => existsSync(path)), ava.serial);

async function writeFiles(world: World, { files }: Setup): Promise<void> {
  for (const [path, text] of files) await world.write(path, text);
}

/** A page at port 443, and one at port 80. */
async function openPages(world: World): Promise<void> {
  for (const port of [80, 443])
    world.stay('python3', '-m', 'http.server', '--directory', '/srv', String(port));
  const ask = 'curl -s -o /dev/null --retry 100 --retry-delay 0 --retry-connrefused http://127.0.0.1:';
  await world.type(`${ask}80/ && ${ask}443/`);
}

/** `page`, or the number with which curl ends: 97 where the proxy refuses. */
async function fetched({ run }: World, login: string, port = 443): Promise<string> {
  const proxy = ['-x', 'socks5h://127.0.0.1:1080', '--socks5-basic', '-U', login];
  const { status } = await run([
    'curl',
    '-s',
    '-m',
    '20',
    '-o',
    '/dev/null',
    ...proxy,
    `http://127.0.0.1:${port}/`,
  ]);
  return status === 0 ? 'page' : String(status);
}

/** alice, whose password is `secret`, as an account of this host. */
async function addAlice(world: World): Promise<void> {
  const hash = (await world.type('openssl passwd -6 secret')).trim();
  await addAccounts(world, { alice: [] });
  await world.write('/run/alice', `alice:${hash}:19000:0:99999:7:::\n`);
  await world.type('cat /run/alice >>/etc/shadow');
}

async function passwordDecides(t: ExecutionContext, world: World): Promise<void> {
  await openPages(world);
  const daemon = await world.daemon();
  t.is(await fetched(world, 'alice:secret'), 'page');
  t.is(await fetched(world, 'alice:wrong'), '97');
  await daemon.line(/ login-failed .*user=alice/);
}

typed('squid', `${SQUID}/basic_ncsa_auth`)('programs: a file of htpasswd, by basic_ncsa_auth', async (t) => {
  const world = await openWorld(t);
  await addAccounts(world, { picosocks5: [] });
  await writeFiles(world, setupOf('logins.md', 'Programs: `helper:`'));
  await world.type('htpasswd -bcB -C 5 /etc/picosocks5/users alice secret');
  await passwordDecides(t, world);
});

typed('squid', `${SQUID}/basic_pam_auth`)('programs: PAM under an account of its own', async (t) => {
  const world = await openWorld(t);
  await addAlice(world);
  await addAccounts(world, { picosocks5: [], pis5auth: ['shadow'] });
  const [account = ''] = setupOf('logins.md', 'Programs: `helper:`').parts;
  t.regex(account, /helper-as = pis5auth/);
  const service = '/etc/pam.d/picosocks5';
  await world.write(service, setupOf('logins.md', 'saslauthd').files.get(service) ?? '');
  await world.write('/etc/picosocks5/picosocks5.conf', account);
  await passwordDecides(t, world);
});

typed('sasl2-bin', '/usr/sbin/saslauthd')('saslauthd of Debian, with PAM', async (t) => {
  const world = await openWorld(t);
  await addAlice(world);
  await addAccounts(world, { picosocks5: [] });
  const setup = setupOf('logins.md', 'saslauthd');
  await writeFiles(world, setup);
  await world.type(/`(adduser .*?)`/.exec(setup.text)?.[1] ?? 'false');
  await world.type('/etc/init.d/saslauthd start');
  await passwordDecides(t, world);
});

const SLAPD_CONF = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb.so
moduleload memberof.so
TLSCertificateFile /run/slapd.pem
TLSCertificateKeyFile /run/slapd.key
database mdb
suffix dc=example,dc=org
directory /run/slapd
overlay memberof
access to attrs=userPassword by anonymous auth
access to * by dn.exact="cn=picosocks5,ou=services,dc=example,dc=org" read by anonymous auth
`;

const person = (uid: string, more = '') => `dn: uid=${uid},dc=example,dc=org
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
userPassword: secret
${more}
`;

const ENTRIES = `dn: dc=example,dc=org
objectClass: domain
dc: example

${['services', 'groups'].map((ou) => `dn: ou=${ou},dc=example,dc=org\nobjectClass: organizationalUnit\nou: ${ou}\n`).join('\n')}
dn: cn=picosocks5,ou=services,dc=example,dc=org
objectClass: person
cn: picosocks5
sn: picosocks5
userPassword: reading

${person('alice', 'memberOf: cn=staff,ou=groups,dc=example,dc=org\n')}${person('bob')}
`;

typed('slapd', '/usr/sbin/slapd')('a directory with two servers', async (t) => {
  const world = await openWorld(t);
  const { write, type, stay } = world;
  await addAccounts(world, { picosocks5: [] });
  const authority = createAuthority();
  const identity = authority.issue('DNS:one.example.org,DNS:two.example.org');
  await write('/etc/ssl/certs/example-ca.pem', readFileSync(authority.file, 'utf8'));
  await write('/run/slapd.pem', readFileSync(identity.certFile, 'utf8'));
  await write('/run/slapd.key', readFileSync(identity.keyFile, 'utf8'));
  await write('/run/slapd.conf', SLAPD_CONF);
  await write('/run/entries', ENTRIES);
  await type("echo '127.0.0.1 one.example.org\n127.0.0.2 two.example.org' >>/etc/hosts");
  await type('mkdir /run/slapd && /usr/sbin/slapadd -q -f /run/slapd.conf -l /run/entries');
  // The first of them is down.
  stay('/usr/sbin/slapd', '-d', '0', '-f', '/run/slapd.conf', '-h', 'ldaps://two.example.org');

  const setup = setupOf('logins.md', 'Directories: `ldap:`');
  await writeFiles(world, setup);
  await type(/`(install .*?)`/.exec(setup.text)?.[1] ?? 'false');
  await type('echo reading >/etc/picosocks5/ldap-password');
  await openPages(world);
  const daemon = await world.daemon();
  t.is(await fetched(world, 'alice:secret', 80), 'page');
  t.is(await fetched(world, 'alice:wrong'), '97');
  t.is(await fetched(world, 'bob:secret'), '97');
  t.regex(await daemon.line(/ refused .*user=bob/), /why=REQUEST_DENIED/);
});

const KRB5_CONF = `[libdefaults]
  default_realm = EXAMPLE.ORG
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  EXAMPLE.ORG = {
    kdc = 127.0.0.1
  }
[domain_realm]
  .example.org = EXAMPLE.ORG
`;

const KDC_CONF = `[realms]
  EXAMPLE.ORG = {
    database_name = /run/kdc/principal
    key_stash_file = /run/kdc/stash
    acl_file = /run/kdc/acl
    supported_enctypes = aes256-cts:normal
  }
`;

needing(
  'krb5-kdc, krb5-admin-server, krb5-user, python3-gssapi and root',
  IS_ROOT && HAS_KERBEROS,
  ava.serial,
)('GSSAPI: a ticket, users of a file with and without a group, and a password', async (t) => {
  const world = await openWorld(t);
  const { write, type, stay, run } = world;
  await addAccounts(world, { picosocks5: [] });
  await write('/etc/krb5.conf', KRB5_CONF);
  await type('mkdir -p /run/kdc /etc/krb5kdc');
  await write('/etc/krb5kdc/kdc.conf', KDC_CONF);
  await type("echo '127.0.0.1 proxy.example.org' >>/etc/hosts");
  await type('kdb5_util create -s -r EXAMPLE.ORG -P master');
  stay('krb5kdc', '-n', '-r', 'EXAMPLE.ORG');

  const setup = setupOf('logins.md', 'GSSAPI');
  for (const command of setup.commands) await type(command);
  await writeFiles(world, setup);
  const line = (await type('htpasswd -nbB -C 5 alice secret')).trim();
  await write('/etc/picosocks5/users', `${line.replace(':', ':staff:')}\n`);
  await openPages(world);
  const daemon = await world.daemon();
  const repOf = async (name: string, target: number): Promise<unknown> => {
    const env = { KRB5CCNAME: `FILE:/run/kdc/${name}` };
    await type(
      `kadmin.local -q 'addprinc -pw secret ${name}' && kinit -c /run/kdc/${name} ${name}`,
      'secret\n',
    );
    const told = { do: 'talk', port: 1080, level: 2, service: 'rcmd@proxy.example.org', target, bytes: 0 };
    const { stdout } = await run(['/usr/bin/python3', GSS_CLIENT, JSON.stringify(told)], env);
    return (JSON.parse(stdout) as { rep?: number }).rep;
  };
  t.is(await repOf('alice', 80), 0);
  t.is(await repOf('bob', 443), 0);
  t.is(await repOf('carol', 80), 2);
  t.regex(await daemon.line(/ refused .*user=carol/), /why=REQUEST_DENIED/);
  t.is(await fetched(world, 'alice:secret', 80), 'page');
});
