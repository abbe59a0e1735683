// Runs ava and prints its TAP. The tests drive real programs on a machine that others use too: when three tests or fewer have
// failed, their files run once more, alone. A test that passes then counts as passed, and its line says `# AGAIN`, with the first
// failure below it; scripts/tap.js tells of each. More failures than that are no accident.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';

const ACCIDENTS = 3;
/** Their tests are pure and quick: one process for each folder, since the start of one takes longer than the tests of a file. */
const ROOMS = ['base', 'config', 'policy', 'protocol'];

const args = process.argv.slice(2);
if (args.length === 0) putTogether();
const first = await ava(args);
const titles = first.lines.flatMap((line) => titleOf('not ok', line) ?? []);
const files = [...new Set(titles.map(fileOf))];
const again =
  titles.length > 0 && titles.length <= ACCIDENTS && files.every((file) => file !== undefined)
    ? await ava(['--concurrency', '1', ...files])
    : undefined;

// A run of one file leaves its path out of the titles.
const passed = new Set(again?.lines.flatMap((line) => titleOf('ok', line)?.split(' › ').at(-1) ?? []));
const isAccident = again?.status === 0 && titles.every((title) => passed.has(title.split(' › ').at(-1)));
const mended = ([, number, title]) => `ok ${number} - ${title} # AGAIN`;
for (const line of first.lines) {
  const failure = isAccident ? /^not ok (\d+) - (.*)$/.exec(line) : null;
  console.log(failure === null ? line : mended(failure));
}
process.exitCode = isAccident ? 0 : first.status;

/** Writes a test file for each of the rooms that has all of its tests. */
function putTogether() {
  mkdirSync('build/rooms', { recursive: true });
  for (const room of ROOMS) {
    const files = readdirSync(`test/${room}`, { recursive: true, encoding: 'utf8' });
    const tests = files.filter((file) => file.endsWith('.test.ts')).sort();
    writeFileSync(
      `build/rooms/${room}.test.ts`,
      tests.map((file) => `import '../../test/${room}/${file}';\n`).join(''),
    );
  }
  process.env['PICOSOCKS5_TEST_ROOMS'] = ROOMS.join(' ');
}

/** Its TAP and its status; what it says on stderr passes through. */
async function ava(options) {
  const child = spawn(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part));
  const status = await new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  return { lines: text.split('\n'), status };
}

function titleOf(outcome, line) {
  return new RegExp(`^${outcome} \\d+ - (.*)$`).exec(line)?.[1];
}

/** `net › ways › a title`, or `test › net › ways › a title` among files of other folders, is of test/net/ways.test.ts. */
function fileOf(title) {
  const words = title.split(' › ');
  const names = words.map((_, at) => `${words.slice(0, at).join('/')}.test.ts`);
  return names.flatMap((name) => [name, `test/${name}`]).find(existsSync);
}
