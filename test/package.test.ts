// The package as others get it: packed, installed elsewhere, used as a library and as a command.
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { mustRun } from './support/commands.ts';
import { temporaryFolder } from './support/daemon.ts';
import { connectThrough } from './support/socks.ts';
import { echoServer } from './support/targets.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const npm = (folder: string, ...args: string[]) =>
  mustRun(['npm', '--prefix', folder, '--no-audit', '--no-fund', '--prefer-offline', ...args]);

const TSC = [
  join(ROOT, 'node_modules/.bin/tsc'),
  ...['--ignoreConfig', '--target', 'es2023', '--strict', '--types', 'node', '--typeRoots'],
  join(ROOT, 'node_modules/@types'),
];

/** A folder in which the packed package is installed. */
async function installPackage(t: ExecutionContext): Promise<string> {
  const folder = temporaryFolder(t);
  const packed = await mustRun(['npm', 'pack', '--ignore-scripts', '--pack-destination', folder, ROOT]);
  const tarball = join(folder, packed.trim().split('\n').at(-1) ?? '');
  const user = join(folder, 'user');
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{ "name": "user", "type": "module", "private": true }');
  await npm(user, 'install', '--omit=dev', tarball);
  return user;
}

/** Every name that a program may need, once. */
const TYPES = [
  ...[
    'AcceptOptions',
    'Allowance',
    'Asked',
    'AskedDecision',
    'AskedDial',
    'AskedOfSession',
    'Authenticate',
    'Ban',
  ],
  ...[
    'BanOptions',
    'Decide',
    'Decision',
    'Denial',
    'Destination',
    'Dial',
    'EndedBy',
    'Endpoint',
    'FaultCode',
  ],
  ...['GiveProxyLogin', 'Identity', 'Ip', 'Proxy', 'ProxyLogin', 'Rep', 'Report', 'Resolve', 'ServerOptions'],
  ...['SessionCommand', 'SessionEvent', 'SessionFacts', 'SessionInfo', 'SocksServer'],
];

const CONSUMER = `
const options: ServerOptions = {
  decide: (session, destination) =>
    destination.port === 25 ? { kind: 'deny', reply: REP.NOT_ALLOWED } : session.client.port > 0,
  resolve: async () => ['127.0.0.1'],
};
const server: SocksServer = createServer(options);
const infos: readonly SessionInfo[] = server.sessions();
if (String(new Fault('LOGIN_FAILED').code) !== 'LOGIN_FAILED' || infos.length > 0) throw new Error('odd');
void server.close().then(() => console.log('done'));
`;

test('the packed tarball installs, its examples compile and run, and its commands answer', async (t) => {
  const user = await installPackage(t);
  const examples = readdirSync(join(ROOT, 'examples'));
  for (const example of examples) copyFileSync(join(ROOT, 'examples', example), join(user, example));
  const names = `import { createServer, Fault, REP, type ${TYPES.join(', type ')} } from 'picosocks5';`;
  writeFileSync(join(user, 'consumer.mts'), names + CONSUMER);
  writeFileSync(join(user, 'required.cts'), names + CONSUMER);
  const files = [...examples, 'consumer.mts', 'required.cts'].map((name) => join(user, name));
  await mustRun([...TSC, '--module', 'nodenext', '--outDir', user, ...files]);
  t.is(await mustRun(['node', join(user, 'consumer.mjs')]), 'done\n');
  t.regex(readFileSync(join(user, 'required.cjs'), 'utf8'), /require\("picosocks5"\)/);
  t.is(await mustRun(['node', join(user, 'required.cjs')]), 'done\n');
  t.regex(await mustRun(['node', join(user, 'embed.js')]), /the target says "hello\\n"/);

  await t.notThrowsAsync(useExamples(t, user));
  t.deepEqual(brokenLinks(join(user, 'node_modules/picosocks5')), []);

  const command = (name: string) => join(user, 'node_modules/.bin', name);
  t.regex(await mustRun([command('picosocks5'), '--version']), /^picosocks5 \d+\.\d+\.\d+\n$/);
  t.regex(await mustRun([command('pis5user'), '--version']), /\d+\.\d+\.\d+/);
  t.regex(await mustRun([command('pis5ctl'), '--version']), /\d+\.\d+\.\d+/);
});

/** Those that go on serving, each with a client. */
async function useExamples(t: ExecutionContext, folder: string): Promise<void> {
  const echo = await echoServer(t);
  const users = await startExample(t, join(folder, 'users-from-database.js'));
  await speak(users.port, echo, 'alice', 'secret');
  await t.throwsAsync(speak(users.port, echo, 'alice', 'wrong'), { message: 'login status 1' });
  await t.throwsAsync(speak(users.port, echo, 'bob', 'secret'), { message: 'login status 1' });
  const upstream = `socks5://alice:secret@127.0.0.1:${users.port}`;
  const ways = await startExample(t, join(folder, 'upstream-by-user.js'), upstream);
  await speak(ways.port, echo, 'alice', 'alice-secret');
  await speak(ways.port, echo, 'bob', 'bob-secret');
  t.is(await ways.line(), `1: via 127.0.0.1:${users.port}`);
  t.is(await ways.line(), '2: via nobody');
  const bytes = await startExample(t, join(folder, 'bytes-per-user.js'));
  await speak(bytes.port, echo, 'carol', 'carol-secret');
  let told = await bytes.line();
  for (let look = 0; look < 20 && !told.includes('10'); look++) told = await bytes.line();
  t.is(told, '{"carol":10}');
}

async function speak(port: number, echo: number, user: string, password: string): Promise<void> {
  const wire = await connectThrough(port, echo, { user, password });
  wire.send('hello');
  await wire.take(5);
  wire.socket.destroy();
}

async function startExample(t: ExecutionContext, ...args: readonly string[]) {
  const child = spawn('node', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return { port: Number((await line()).split(':')[1]), line };
}

/** Links of README.md and docs/ to files that are not there. */
function brokenLinks(folder: string): readonly string[] {
  const documents = [
    'README.md',
    ...readdirSync(join(folder, 'docs'), { recursive: true }).map((name) => `docs/${String(name)}`),
  ];
  return documents
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => {
      const links = readFileSync(join(folder, name), 'utf8').matchAll(
        /\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g,
      );
      return [...links]
        .map(([, link = '']) => join(dirname(name), link))
        .filter((path) => !existsSync(join(folder, path)))
        .map((path) => `${name}: ${path}`);
    });
}
