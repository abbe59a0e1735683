// A directory of the tests: slapd of Debian with entries of its own, on ports of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './daemon.ts';
import { needing } from './needing.ts';
import type { Authority } from './certificates.ts';
import type { Scope } from './scope.ts';

const SLAPD = '/usr/sbin/slapd';
export const needingSlapd = needing('slapd', existsSync(SLAPD));

export const BASE = 'dc=test';
export const READER = { dn: `cn=reader,${BASE}`, password: 'reading' };

/** alice (two groups), b,ob, and old, whose password has expired; `secret` is right for each. `twin` is there twice. */
const ENTRIES = `
dn: ${BASE}
objectClass: domain
dc: test

dn: cn=short,${BASE}
objectClass: device
objectClass: pwdPolicy
cn: short
pwdAttribute: userPassword
pwdMaxAge: 1

${person('alice', `memberOf: cn=staff,${BASE}\nmemberOf: cn=ops\\2C night,${BASE}\n`)}
${person('b\\2Cob')}
${person('old', `pwdPolicySubentry: cn=short,${BASE}\npwdChangedTime: 20200101000000Z\n`)}
${person('twin')}
${person('twin2').replace('uid: twin2', 'uid: twin2\nuid: twin')}
dn: ${READER.dn}
objectClass: person
cn: reader
sn: reader
userPassword: ${READER.password}

dn: cn=staff,${BASE}
objectClass: groupOfNames
cn: staff
member: uid=alice,${BASE}

dn: ou=elsewhere,${BASE}
objectClass: referral
objectClass: extensibleObject
ou: elsewhere
ref: ldap://127.0.0.1:1/ou=elsewhere,${BASE}
`;

function person(uid: string, more = ''): string {
  const name = uid.replace('\\2C', ',');
  return `dn: uid=${uid},${BASE}
objectClass: inetOrgPerson
uid: ${name}
cn: ${name}
sn: ${name}
userPassword: secret
${more}`;
}

export interface Slapd {
  readonly url: string;
  readonly secureUrl: string;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly kill: () => Promise<void>;
}

export async function startSlapd(t: Scope, authority?: Authority): Promise<Slapd> {
  const folder = temporaryFolder(t);
  const [conf, data, entries] = ['slapd.conf', 'data', 'entries'].map((name) => join(folder, name));
  mkdirSync(data!);
  const identity = authority?.issue('IP:127.0.0.1');
  const tls =
    authority === undefined || identity === undefined
      ? ''
      : `TLSCACertificateFile ${authority.file}\nTLSCertificateFile ${identity.certFile}\nTLSCertificateKeyFile ${identity.keyFile}\n`;
  writeFileSync(
    conf!,
    `${['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb.so
moduleload ppolicy.so
moduleload memberof.so
pidfile ${folder}/pid
${tls}database mdb
suffix ${BASE}
directory ${data!}
overlay ppolicy
overlay memberof
access to attrs=userPassword by anonymous auth
access to * by dn.exact="${READER.dn}" read by anonymous auth
`,
  );
  writeFileSync(entries!, ENTRIES);
  const added = spawnSync('/usr/sbin/slapadd', ['-q', '-f', conf!, '-l', entries!], { encoding: 'utf8' });
  if (added.status !== 0) throw new Error(`slapadd: ${added.stderr}`);
  const [port, securePort] = [await freePort(), await freePort()];
  const urls = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${securePort}`];
  const heard = urls.slice(0, authority === undefined ? 1 : 2);
  const child = spawn(SLAPD, ['-d', '0', '-f', conf!, '-h', heard.join(' ')], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  t.teardown(() => void child.kill('SIGKILL'));
  await reached(port);
  return {
    url: urls[0]!,
    secureUrl: urls[1]!,
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function reached(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    const socket = connect(port, '127.0.0.1');
    const is = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (is) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('slapd does not listen');
}
