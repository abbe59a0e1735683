import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { findPasswdEntry } from '../../src/daemon/account/passwd.ts';
import { findExcess } from '../../src/daemon/account/privileges.ts';
import { TYPESCRIPT } from '../support/typescript.ts';
import { asRoot } from '../support/root.ts';

const DROPPED = fileURLToPath(new URL('../support/dropped.ts', import.meta.url));

interface Identity {
  readonly Uid: string;
  readonly Gid: string;
  readonly Groups: string;
  readonly CapPrm: string;
  readonly CapEff: string;
}

interface Dropped {
  readonly sentences: readonly string[];
  readonly main: Identity;
  readonly threads: readonly Identity[] | string;
  readonly directory: string;
  readonly root: readonly string[];
  readonly secret?: string;
  readonly setuid: string;
  readonly status?: number;
  readonly message?: string;
}

interface Surroundings {
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function drop(orders: Readonly<Record<string, unknown>>, around: Surroundings = {}): Promise<Dropped> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...(around.nodeFlags ?? []), TYPESCRIPT, DROPPED, JSON.stringify(orders)],
    { env: { ...process.env, ...around.env } },
  );
  return JSON.parse(stdout) as Dropped;
}

function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pis5drop-'));
  chmodSync(path, 0o755);
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

function quadruple(id: number): string {
  return Array(4).fill(id).join('\t');
}

const nobody = findPasswdEntry('nobody')!;

asRoot('dropPrivileges() makes every thread nobody, and nothing can be taken back', async (t) => {
  const secret = join(folder(t), 'secret');
  writeFileSync(secret, 'for root', { mode: 0o600 });
  const dropped = await drop({ user: 'nobody', secret });
  t.true(dropped.threads.length > 5, 'V8, libuv and a worker');
  for (const thread of dropped.threads as Identity[]) {
    t.is(thread.Uid, quadruple(nobody.uid));
    t.is(thread.Gid, quadruple(nobody.gid));
    t.is(thread.Groups, String(nobody.gid));
    t.regex(thread.CapPrm + thread.CapEff, /^0+$/);
  }
  t.is(dropped.secret, 'EACCES');
  t.is(dropped.setuid, 'EPERM');
  t.regex(dropped.sentences[0] ?? '', /^running as nobody \(uid \d+, gid \d+\), checked in \d+ threads$/);
});

asRoot('dropPrivileges() takes the supplementary groups of the user, and no others', async (t) => {
  const name = `pis5test${process.pid}`;
  execFileSync('groupadd', ['--system', name]);
  t.teardown(() => execFileSync('groupdel', ['-f', name]));
  const flags = ['--system', '--no-create-home', '--gid', 'nogroup', '--groups', `${name},daemon`];
  execFileSync('useradd', [...flags, name]);
  t.teardown(() => execFileSync('userdel', [name], { stdio: 'ignore' }));
  const ids = execFileSync('id', ['-G', name], { encoding: 'utf8' }).trim().split(' ');
  t.is(ids.length, 3);
  const dropped = await drop({ user: name });
  for (const thread of dropped.threads as Identity[]) {
    t.deepEqual(thread.Groups.split(' ').sort(), ids.sort());
  }
});

asRoot('dropPrivileges() to a uid without a passwd entry keeps only the group given', async (t) => {
  const dropped = await drop({ user: '0xfff1', group: '65521' });
  t.is(dropped.main.Uid, quadruple(65521));
  t.is(dropped.main.Groups, '65521');
});

asRoot('dropPrivileges() checks every thread in a chroot without /proc, too', async (t) => {
  const jail = folder(t);
  mkdirSync(join(jail, 'only-this'));
  const dropped = await drop({ user: 'nobody', chroot: jail });
  t.is(dropped.directory, '/');
  t.deepEqual(dropped.root, ['only-this']);
  t.is(dropped.threads, 'ENOENT', 'there is no /proc');
  t.is(dropped.main.Uid, quadruple(nobody.uid));
  t.regex(dropped.sentences[0] ?? '', /checked in \d+ threads$/);
});

asRoot('dropPrivileges() says what is wrong with a chroot directory', async (t) => {
  const dropped = await drop({ user: 'nobody', chroot: '/nowhere' });
  t.is(dropped.status, 77);
  t.regex(dropped.message ?? '', /^cannot chroot to \/nowhere: .*no such file/);
});

asRoot('dropPrivileges() needs posix for a chroot and for nothing else', async (t) => {
  const withoutAddons = { nodeFlags: ['--no-addons'] };
  const refused = await drop({ user: 'nobody', chroot: '/' }, withoutAddons);
  t.is(refused.status, 77);
  t.regex(refused.message ?? '', /nor the optional package posix loads .*npm rebuild/);
  const dropped = await drop({ user: 'nobody' }, withoutAddons);
  t.is(dropped.main.Uid, quadruple(nobody.uid));
});

asRoot('dropPrivileges() without root is content with the account that it has', async (t) => {
  const { sentences } = await drop({ user: 'nobody', thenUser: 'nobody' });
  t.regex(sentences[1] ?? '', /^running as nobody .* since the start$/);
});

asRoot('dropPrivileges() without root refuses every other account, and a chroot', async (t) => {
  const other = await drop({ user: 'nobody', thenUser: 'daemon' });
  t.is(other.status, 77);
  t.regex(
    other.message ?? '',
    /^cannot become daemon .*: started as uid \d+, gid \d+, and only root may change/,
  );
  const jailed = await drop({ user: 'nobody', thenUser: 'nobody', thenChroot: '/tmp' });
  t.is(jailed.status, 77);
  t.regex(jailed.message ?? '', /^cannot chroot to \/tmp: only root may/);
});

asRoot('dropPrivileges() names the variable when Node refuses because of io_uring', async (t) => {
  const dropped = await drop({ user: 'nobody' }, { env: { UV_USE_IO_URING: '1' } });
  const isRefused = dropped.status !== undefined;
  // Node 20 refuses; a later Node that does not must then have dropped like any other.
  if (isRefused) t.regex(dropped.message ?? '', /io_uring.*Unset UV_USE_IO_URING/);
  else t.is(dropped.main.Uid, quadruple(nobody.uid));
});

const account = { name: 'nobody', uid: 65534, gid: 65533 };
const clean = {
  uids: [65534, 65534, 65534, 65534],
  gids: [65533, 65533, 65533, 65533],
  groups: [65533, 7],
  capabilities: [],
  threads: 1,
};

test('findExcess() finds nothing in a thread that is the account', (t) => {
  t.is(findExcess(clean, account, [7]), undefined);
});

for (const [title, thread, found] of [
  ['a saved uid of root', { ...clean, uids: [65534, 65534, 0, 65534] }, /uids are 65534 65534 0 65534/],
  ['a real gid of root', { ...clean, gids: [0, 65533, 65533, 65533] }, /gids are 0/],
  ['a status without uids', { ...clean, uids: [] }, /uids are/],
  ['a group of root', { ...clean, groups: [65533, 0] }, /still has the groups 0/],
  ['a capability', { ...clean, capabilities: ['CapPrm'] }, /still has capabilities \(CapPrm\)/],
] as const) {
  test(`findExcess() finds ${title}`, (t) => {
    t.regex(findExcess(thread, account, [7]) ?? '', found);
  });
}
