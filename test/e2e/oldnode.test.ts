// A Node.js that is too old, or missing, is told of in one line: by each program, and by make before anything is built.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { createAuthority } from '../support/certificates.ts';
import { mustRun, run } from '../support/commands.ts';
import { temporaryFolder } from '../support/daemon.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAMS = ['picosocks5', 'pis5user', 'pis5ctl'];

/** The environment in which node says that it is of this version. */
function pretending(t: ExecutionContext, version: string): NodeJS.ProcessEnv {
  const file = join(temporaryFolder(t), 'pretend.cjs');
  const versions = `{ ...process.versions, node: '${version}' }`;
  writeFileSync(file, `Object.defineProperty(process, 'versions', { value: ${versions} });`);
  return { ...process.env, NODE_OPTIONS: `--require ${file}` };
}

for (const version of ['16.20.2', '18.18.2']) {
  test(`Node.js ${version} is told in one line to be too old`, async (t) => {
    const env = pretending(t, version);
    for (const program of PROGRAMS) {
      const { status, stdout, stderr } = await run([join(ROOT, 'bin', program), '--version'], { env });
      t.is(status, 71, stderr);
      t.is(stdout, '');
      t.regex(stderr, new RegExp(`^${program}: needs Node\\.js 18\\.19 or later; /\\S+ is ${version}\n$`));
    }
  });
}

test('later ones are not', async (t) => {
  for (const version of ['18.19.0', '20.0.0', '100.1.0']) {
    const env = pretending(t, version);
    const { status, stdout, stderr } = await run([join(ROOT, 'bin/pis5ctl'), '--version'], { env });
    t.is(status, 0, stderr);
    t.regex(stdout, /^pis5ctl /);
  }
});

test('without Node.js each program says what it needs, and where it looked', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['sh', 'dirname', 'readlink']) {
    symlinkSync((await mustRun(['sh', '-c', `command -v ${name}`])).trim(), join(folder, name));
  }
  for (const program of PROGRAMS) {
    const { status, stderr } = await run([join(ROOT, 'bin', program), '--version'], {
      env: { PATH: folder },
    });
    t.is(status, 71);
    t.is(stderr, `${program}: needs Node.js, and there is no "node" in PATH (${folder})\n`);
  }
});

test('make and configure stop before anything is built', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['Makefile', 'bin', 'configure', 'package.json', 'package-lock.json', 'src']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  mkdirSync(join(folder, 'native'));
  const env = pretending(t, '16.20.2');
  for (const command of [['make', '-C', folder, 'install'], [join(folder, 'configure')]]) {
    const { status, stderr } = await run(command, { env });
    t.not(status, 0);
    t.regex(stderr, /^picosocks5: needs Node\.js 18\.19 or later; \/\S+ is 16\.20\.2$/m);
    t.true(stderr.split('\n').length <= 3, stderr);
  }
  for (const name of ['node_modules', 'dist', 'config.mak']) t.false(existsSync(join(folder, name)), name);
});

test('the package of Debian and the documents want what the programs want', (t) => {
  const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
  const { engines } = JSON.parse(read('package.json')) as { readonly engines: { readonly node: string } };
  const [, wanted = ''] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
  t.true(read('debian/control').includes(`nodejs (>= ${wanted})`));
  t.true(read('README.md').includes(`Node.js ${wanted} or later`));
  t.true(read('docs/debian.md').includes(`Node.js ${wanted} or later`));
  t.true(read('scripts/bundle.js').includes(`node${wanted}`));
});

test('before 20.18 a certificate that is trusted without its signer is warned of', async (t) => {
  const ca = createAuthority();
  const { certFile } = ca.issue('DNS:proxy.test');
  const check = [join(ROOT, 'bin/picosocks5'), '--check', '--proxy-ca'];
  const older = await run([...check, certFile], { env: pretending(t, '18.19.0') });
  t.is(older.status, 0);
  t.regex(older.stderr, /: warning: certificate 1 of 1 in it is signed by one that is not in it: Node/);
  const newer = await run([...check, certFile], { env: pretending(t, '20.18.0') });
  t.deepEqual([newer.status, newer.stderr], [0, '']);
  const whole = await run([...check, ca.file], { env: pretending(t, '18.19.0') });
  t.deepEqual([whole.status, whole.stderr], [0, '']);
});
