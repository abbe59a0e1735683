// The pid file in folders of others, under other accounts, and in the hands of a successor.
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { acquirePidFile } from '../../src/daemon/unix/pidfile.ts';
import { NOBODY, startSwapper } from '../support/swapper.ts';
import { asRoot } from '../support/root.ts';
import { DEAD_PID, folder, own } from '../support/pidfiles.ts';

test('acquirePidFile() follows no symbolic link, not even a dangling one', (t) => {
  const directory = folder(t);
  const target = join(directory, 'precious');
  const path = join(directory, 'pid');
  symlinkSync(target, path);
  t.throws(() => acquirePidFile(path), {
    instanceOf: StartFailure,
    message: /what is there is no pid file/,
  });
  t.false(existsSync(target));
  writeFileSync(target, 'precious');
  t.throws(() => acquirePidFile(path), {
    instanceOf: StartFailure,
    message: /what is there is no pid file/,
  });
  t.is(readFileSync(target, 'utf8'), 'precious');
  t.deepEqual(readdirSync(directory).sort(), ['pid', 'precious']);
});

test('acquirePidFile() does not replace a folder', (t) => {
  const path = join(folder(t), 'pid');
  mkdirSync(path);
  t.throws(() => acquirePidFile(path), {
    instanceOf: StartFailure,
    message: /what is there is no pid file/,
  });
});

for (const [folderName, reason] of [
  ['none', 'no such file or directory'],
  ['file', 'not a directory'],
] as const) {
  test(`acquirePidFile() says which file it cannot create, and why: ${reason}`, (t) => {
    const directory = folder(t);
    writeFileSync(join(directory, 'file'), '');
    const path = join(directory, folderName, 'pid');
    const error = t.throws(() => acquirePidFile(path), { instanceOf: StartFailure });
    t.is(error.status, 71);
    t.true(error.message.startsWith(`cannot create the pid file ${path}: ${reason}`), error.message);
  });
}

asRoot(
  'release() of a start that fails empties the file when the service account may not remove it',
  async (t) => {
    const path = join(folder(t), 'pid');
    const owner = await own(t, path, '0', 'nobody');
    t.is(readFileSync(path, 'utf8'), `${owner.answer.pid ?? 0}\n`);
    t.is(statSync(path).uid, 0, 'the service cannot choose whom root will kill');
    const { released } = await owner.release();
    t.regex(released ?? '', /^emptied the pid file .*\/pid, which this account may not remove/);
    t.is(readFileSync(path, 'utf8'), '');
    const file = acquirePidFile(path);
    t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
    file.release();
  },
);

asRoot('a service account that serves can neither write to the file nor empty it', async (t) => {
  const path = join(folder(t), 'pid');
  const owner = await own(t, path, '0', 'nobody', 'confirm');
  const pid = owner.answer.pid ?? 0;
  t.is(writableDescriptors(pid, path), 0);
  const { released } = await owner.release();
  t.regex(released ?? '', /^left the pid file .*\/pid, which this account may not remove/);
  t.is(readFileSync(path, 'utf8'), `${pid}\n`);
  await owner.kill();
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  file.release();
});

/** How many descriptors of another process can change the file. */
function writableDescriptors(pid: number, path: string): number {
  const isWritable = (descriptor: string): boolean => {
    const flags = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return (Number.parseInt(flags ?? '0', 8) & 3) !== 0;
  };
  const isFile = (descriptor: string): boolean => readlinkSync(`/proc/${pid}/fd/${descriptor}`) === path;
  return readdirSync(`/proc/${pid}/fd`).filter((each) => isFile(each) && isWritable(each)).length;
}

asRoot(
  'acquirePidFile() touches no file of root, whatever another account does in its folder meanwhile',
  async (t) => {
    const directory = folder(t);
    const [path, victim] = [join(directory, 'pid'), join(folder(t), 'victim')];
    writeFileSync(victim, 'precious', { mode: 0o600 });
    chownSync(directory, NOBODY, NOBODY);
    const attacker = await startSwapper(t, {
      directory,
      victim,
      names: [`pid.${process.pid}`],
      program: 'pouncer',
    });
    let refused = 0;
    for (let round = 0; round < 300; round++) {
      try {
        acquirePidFile(path).release();
      } catch (error) {
        t.true(error instanceof StartFailure, String(error));
        refused += 1;
      }
    }
    await attacker.stop();
    t.is(readFileSync(victim, 'utf8'), 'precious');
    t.is(statSync(victim).nlink, 1);
    t.log(`${refused} of 300 starts refused`);
  },
);

test('the file of a predecessor that lives is taken, and names it again until it is confirmed', (t) => {
  const path = join(folder(t), 'pid');
  const predecessor = process.ppid;
  writeFileSync(path, `${predecessor}\n`);
  t.throws(() => acquirePidFile(path, DEAD_PID), { message: /already running as pid/ });
  const heir = acquirePidFile(path, predecessor);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  t.is(heir.release(), undefined);
  t.is(readFileSync(path, 'utf8'), `${predecessor}\n`);
  const next = acquirePidFile(path, predecessor);
  next.confirm();
  t.is(next.release(), undefined);
  t.false(existsSync(path));
});

test('who has been succeeded leaves the file of the successor alone', (t) => {
  const path = join(folder(t), 'pid');
  const old = acquirePidFile(path);
  const heir = acquirePidFile(path, process.pid);
  heir.confirm();
  t.is(old.release(), undefined);
  t.true(existsSync(path));
  heir.release();
});
