// A key distribution centre of MIT Kerberos for one test: its realm, its keytabs and tickets in a folder that goes with the test.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from './daemon.ts';
import { needing } from './needing.ts';
import type { Scope } from './scope.ts';
import { freePort } from './sockets.ts';

const PROGRAMS = ['/usr/sbin/krb5kdc', '/usr/sbin/kdb5_util', '/usr/sbin/kadmin.local', '/usr/bin/kinit'];
const PYTHON = '/usr/lib/python3/dist-packages/gssapi';

export const HAS_KERBEROS = [...PROGRAMS, PYTHON].every((path) => existsSync(path));

/** Tests with real tickets. */
export const withKerberosInTurn = needing(
  'krb5-kdc, krb5-admin-server, krb5-user, python3-gssapi',
  HAS_KERBEROS,
  test.serial,
);

const EVERY_ENCTYPE = 'aes256-cts aes128-cts aes256-sha2 aes128-sha2 arcfour-hmac';

export const REALM = 'PICO.TEST';
export const SERVICE = 'rcmd/localhost';

export interface Kdc {
  readonly folder: string;
  /** Of programs that use it: KRB5_CONFIG, a replay cache, and the cache with the ticket of alice. */
  readonly env: Readonly<Record<string, string>>;
  /** With the keys of SERVICE; root's alone. */
  readonly keytab: string;
  /** Makes `principal`, with keys of these `enctypes`, and puts them into `keytab`; undefined: into no keytab. */
  readonly addService: (principal: string, enctypes?: string, keytab?: string) => void;
  /** A cache with a ticket of `user`, who is made for it and prefers `enctypes`; the environment to use it in. */
  readonly login: (user: string, enctypes?: string) => Readonly<Record<string, string>>;
}

/** Starts it; alice has a ticket. */
export async function startKdc(t: Scope): Promise<Kdc> {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const replays = join(folder, 'replays');
  mkdirSync(replays);
  chmodSync(replays, 0o1777);
  const env = {
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5RCACHENAME: `file2:${join(replays, 'cache')}`,
  };
  writeFileSync(env.KRB5_CONFIG, krb5Conf(port));
  writeFileSync(env.KRB5_KDC_PROFILE, kdcConf(folder, port));
  const run = (program: string, args: readonly string[], input = '', own = {}): void => {
    execFileSync(program, args, {
      env: { ...process.env, ...env, ...own },
      input,
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: 60_000,
    });
  };
  const admin = (query: string): void => run('/usr/sbin/kadmin.local', ['-r', REALM, '-q', query]);
  run('/usr/sbin/kdb5_util', ['create', '-s', '-r', REALM, '-P', 'master']);
  const kdc = spawn('/usr/sbin/krb5kdc', ['-n', '-r', REALM], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  t.teardown(async () => {
    const exited = once(kdc, 'exit');
    if (kdc.exitCode === null && kdc.signalCode === null && kdc.kill('SIGKILL')) await exited;
  });
  let caches = 0;
  const addService = (principal: string, enctypes = 'aes256-cts:normal', file?: string): void => {
    admin(`addprinc -randkey -e ${enctypes} ${principal}`);
    if (file !== undefined) admin(`ktadd -k ${file} -e ${enctypes} ${principal}`);
  };
  const login = (user: string, enctypes = EVERY_ENCTYPE): Readonly<Record<string, string>> => {
    caches += 1;
    const cache = join(folder, `cache-${caches}`);
    const own = { KRB5_CONFIG: `${cache}.conf`, KRB5CCNAME: `FILE:${cache}` };
    writeFileSync(own.KRB5_CONFIG, krb5Conf(port, enctypes));
    admin(`addprinc -pw secret ${user}`);
    run('/usr/bin/kinit', ['-c', cache, user], 'secret\n', own);
    return { ...env, ...own };
  };
  const keytab = join(folder, 'keytab');
  addService(SERVICE, undefined, keytab);
  await listening(port);
  return { folder, env: login('alice'), keytab, addService, login };
}

const krb5Conf = (port: number, enctypes = EVERY_ENCTYPE): string => `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  allow_weak_crypto = true
  permitted_enctypes = ${enctypes}
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${REALM}
`;

const kdcConf = (folder: string, port: number): string => `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${join(folder, 'principal')}
    key_stash_file = ${join(folder, 'stash')}
    acl_file = ${join(folder, 'acl')}
    master_key_type = aes256-cts
    supported_enctypes = aes256-cts:normal aes128-cts:normal
  }
`;

/** Bounded: some 10 s. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no KDC at port ${port}`);
}
