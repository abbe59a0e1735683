// Which folders root may make files in. All of it needs root: the folders belong to several accounts.
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ExecutionContext } from 'ava';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { findShared, refuseSharedFolders } from '../../src/daemon/unix/folders.ts';
import { configOf, loadFile } from '../support/configuration.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { asRoot } from '../support/root.ts';

const NOBODY = 65_534;

function folder(path: string, mode = 0o755, uid = 0): string {
  mkdirSync(path);
  chmodSync(path, mode);
  chownSync(path, uid, 0);
  return path;
}

const WRONG: readonly (readonly [what: string, mode: number, uid: number])[] = [
  ['of another account', 0o700, NOBODY],
  ['that its group may write to', 0o775, 0],
  ['that everybody may write to', 0o777, 0],
  ['that everybody may make files in, though not remove those of others', 0o1777, 0],
];

for (const [what, mode, uid] of WRONG) {
  asRoot(`a folder ${what} is shared`, (t) => {
    const path = folder(join(temporaryFolder(t), 'folder'), mode, uid);
    t.deepEqual(findShared(path), { path, uid, mode });
    t.deepEqual(findShared(`${path}/../folder/.`), { path, uid, mode });
  });
}

asRoot('a folder of root is not, nor one below a sticky folder such as /tmp', (t) => {
  const sticky = folder(join(temporaryFolder(t), 'sticky'), 0o1777);
  t.is(findShared(folder(join(sticky, 'own'))), undefined);
  t.is(findShared('/'), undefined);
  t.is(findShared('/run'), undefined);
});

asRoot('a folder below one that others may change is shared, in a sticky one if it is theirs', (t) => {
  const base = temporaryFolder(t);
  const theirs = folder(join(base, 'theirs'), 0o755, NOBODY);
  folder(join(theirs, 'roots'));
  t.is(findShared(join(theirs, 'roots'))?.path, theirs);
  const sticky = folder(join(base, 'sticky'), 0o1777);
  folder(join(sticky, 'theirs'), 0o755, NOBODY);
  folder(join(sticky, 'theirs', 'roots'));
  t.is(findShared(join(sticky, 'theirs', 'roots'))?.path, join(sticky, 'theirs'));
});

asRoot('links are followed as the kernel does it, and count as what they are and where they lead', (t) => {
  const base = temporaryFolder(t);
  const [good, bad] = [folder(join(base, 'good')), folder(join(base, 'bad'), 0o777)];
  symlinkSync('good', join(base, 'relative'));
  symlinkSync(good, join(base, 'absolute'));
  symlinkSync('bad/../good', join(base, 'detour'));
  symlinkSync(bad, join(base, 'astray'));
  symlinkSync(good, join(base, 'theirs'));
  lchownSync(join(base, 'theirs'), NOBODY, NOBODY);
  symlinkSync('loop', join(base, 'loop'));
  const shared = (name: string): string | undefined => findShared(join(base, name))?.path;
  t.is(shared('relative'), undefined);
  t.is(shared('absolute'), undefined);
  t.is(shared('detour'), bad, 'whoever may change a folder on the way chooses what ".." of it is');
  t.is(shared('astray'), bad);
  t.is(shared('theirs'), join(base, 'theirs'));
  t.notThrows(() => shared('loop'));
});

asRoot('what is not there, or no folder, is left to whoever opens it', (t) => {
  const base = temporaryFolder(t);
  writeFileSync(join(base, 'file'), '');
  t.is(findShared(join(base, 'none', 'folder')), undefined);
  t.is(findShared(join(base, 'file', 'folder')), undefined);
});

asRoot('the failure names settings, folder, owner, mode and what to do', (t) => {
  const shared = folder(join(temporaryFolder(t), 'shared'), 0o755, NOBODY);
  const refusal = refusalOf(t, [`pidfile = ${shared}/pid`, `control = ${shared}/control`, 'user = nobody']);
  t.is(refusal?.status, 77);
  t.is(
    refusal?.message,
    `cannot use pidfile = ${shared}/pid and control = ${shared}/control: others than root may change ${shared} (its owner ` +
      'is uid 65534, its mode 0755) and could put a link to a file of root there: give it to root with ' +
      `"chown root ${shared} && chmod go-w ${shared}", or name a path in a folder of root, such as ` +
      '"install -d -m 755 /run/picosocks5" makes',
  );
  const inTmp = refusalOf(t, ['pidfile = /tmp/pid']);
  t.regex(
    inTmp?.message ?? '',
    /mode 1777\) .* there: name a path in a folder of root/,
    'nobody should chmod /tmp',
  );
});

asRoot('the state file counts where root writes it itself', (t) => {
  const state = `state = ${folder(join(temporaryFolder(t), 'shared'), 0o755, NOBODY)}/state.json`;
  t.regex(refusalOf(t, [state])?.message ?? '', /^cannot use state = /);
  t.is(refusalOf(t, [state, 'user = nobody']), undefined);
});

function refusalOf(t: ExecutionContext, lines: readonly string[]): StartFailure | undefined {
  try {
    refuseSharedFolders(configOf(loadFile(lines.join('\n'))));
    return undefined;
  } catch (error) {
    t.true(error instanceof StartFailure, String(error));
    return error as StartFailure;
  }
}
