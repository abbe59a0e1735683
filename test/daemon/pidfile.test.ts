import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { acquirePidFile } from '../../src/daemon/unix/pidfile.ts';
import { NOBODY, startSwapper } from '../support/swapper.ts';
import { TYPESCRIPT } from '../support/typescript.ts';
import { asRoot } from '../support/root.ts';

const OWNER = fileURLToPath(new URL('../support/pid-owner.ts', import.meta.url));

/** Linux gives out no pid above 2^22. */
const DEAD_PID = 4_999_999;

/** A folder for the pid file; root's, with the default rights of one. */
function folder(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), 'pis5pid-'));
  chmodSync(path, 0o755);
  t.teardown(() => rmSync(path, { recursive: true }));
  return path;
}

interface Answer {
  readonly pid?: number;
  readonly status?: number;
  readonly message?: string;
  readonly released?: string | null;
}

interface Owner {
  readonly answer: Answer;
  release(): Promise<Answer>;
  kill(): Promise<void>;
}

/** Another process that holds, or was refused, the pid file. */
async function own(t: ExecutionContext, ...argv: string[]): Promise<Owner> {
  const child = spawn(process.execPath, [TYPESCRIPT, OWNER, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => JSON.parse((await lines.next()).value as string) as Answer;
  return {
    answer: await next(),
    release() {
      child.stdin.end();
      return next();
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

test('acquirePidFile() writes the pid alone, for everybody to read, and release() removes it', (t) => {
  const directory = folder(t);
  const path = join(directory, 'pid');
  const before = process.umask(0o027);
  t.teardown(() => process.umask(before));
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  t.is(statSync(path).mode & 0o7777, 0o644);
  t.deepEqual(readdirSync(directory), ['pid'], 'no draft stays');
  t.is(file.release(), undefined);
  t.deepEqual(readdirSync(directory), []);
});

test('acquirePidFile() refuses while the owner lives, and replaces the file when it was killed', async (t) => {
  const directory = folder(t);
  const path = join(directory, 'pid');
  const owner = await own(t, path);
  const error = t.throws(() => acquirePidFile(path), { instanceOf: StartFailure });
  t.is(error.status, 71);
  t.regex(error.message, new RegExp(`^already running as pid ${owner.answer.pid ?? 0}, says `));
  await owner.kill();
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  t.deepEqual(readdirSync(directory), ['pid']);
  file.release();
});

test('acquirePidFile() sees that the pid went to a younger process', (t) => {
  const path = join(folder(t), 'pid');
  writeFileSync(path, `${process.ppid}\n`);
  utimesSync(path, 1_000_000_000, 1_000_000_000);
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  file.release();
});

test('acquirePidFile() takes a file with its own pid, as a container leaves one, for stale', (t) => {
  const path = join(folder(t), 'pid');
  writeFileSync(path, `${process.pid}\n`);
  const file = acquirePidFile(path);
  t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
  file.release();
});

for (const [title, content] of [
  ['an empty file', ''],
  ['the NUL bytes of a crash', '\0'.repeat(6)],
  ['white space', '\n'],
] as const) {
  test(`acquirePidFile() replaces ${title}`, (t) => {
    const path = join(folder(t), 'pid');
    writeFileSync(path, content);
    const file = acquirePidFile(path);
    t.is(readFileSync(path, 'utf8'), `${process.pid}\n`);
    file.release();
  });
}

for (const content of [
  'listen = *:1080\n',
  '-1\n',
  '0\n',
  '1e3\n',
  '12 34\n',
  '4294967297\n',
  `1${' '.repeat(40)}x`,
  '\0'.repeat(100),
]) {
  test(`acquirePidFile() removes no file that holds ${JSON.stringify(content.trim().slice(0, 20))}`, (t) => {
    const directory = folder(t);
    const path = join(directory, 'pid');
    writeFileSync(path, content);
    t.throws(() => acquirePidFile(path), {
      instanceOf: StartFailure,
      message: /what is there is no pid file/,
    });
    t.is(readFileSync(path, 'utf8'), content);
    t.deepEqual(readdirSync(directory), ['pid']);
  });
}

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

test('acquirePidFile() leaves a stale file alone that another start is replacing', (t) => {
  const path = join(folder(t), 'pid');
  writeFileSync(path, `${DEAD_PID}\n`);
  linkSync(path, `${path}.stale`);
  t.throws(() => acquirePidFile(path), { instanceOf: StartFailure, message: /another start is replacing/ });
  t.is(readFileSync(path, 'utf8'), `${DEAD_PID}\n`);
});

for (const [title, prepare] of [
  ['a free name', () => undefined],
  ['a stale file', (path: string) => writeFileSync(path, `${DEAD_PID}\n`)],
] as const) {
  test(`acquirePidFile() lets one of several racers win over ${title}`, async (t) => {
    const directory = folder(t);
    const path = join(directory, 'pid');
    prepare(path);
    // Far enough ahead for all to have loaded on an idle machine; on a busy one fewer meet, and one still wins.
    const startAtMs = String(Date.now() + 2000);
    const racers = await Promise.all(Array.from({ length: 5 }, () => own(t, path, startAtMs)));
    const winners = racers.filter(({ answer }) => answer.pid !== undefined);
    t.is(winners.length, 1);
    t.is(readFileSync(path, 'utf8'), `${winners[0]?.answer.pid ?? 0}\n`);
    for (const { answer } of racers) if (answer.pid === undefined) t.is(answer.status, 71, answer.message);
    t.deepEqual(readdirSync(directory), ['pid']);
  });
}

test('release() leaves a file that somebody else put in its place', (t) => {
  const directory = folder(t);
  const path = join(directory, 'pid');
  const file = acquirePidFile(path);
  rmSync(path);
  writeFileSync(path, '1\n');
  t.is(file.release(), undefined);
  t.is(readFileSync(path, 'utf8'), '1\n');
});

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
