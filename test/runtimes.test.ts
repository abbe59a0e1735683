// The built library in other runtimes: in those that are there (`make runtimes` fetches them), and in Node.js with each entry.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { run } from './support/commands.ts';
import { needing } from './support/needing.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXERCISE = join(ROOT, 'test/runtimes/exercise.mjs');

/** undefined: nobody has fetched it. */
function found(name: string, scope: string, program: string): string | undefined {
  const folder = join(ROOT, 'build/runtimes', name, 'node_modules', scope);
  const packages = existsSync(folder) ? readdirSync(folder) : [];
  return packages.map((each) => join(folder, each, program)).find(existsSync);
}

/** As docs/embedding.md says that Deno has to be called. */
const DENO_RIGHTS = ['--allow-net', '--allow-read', '--allow-sys', '--allow-env'];

const RUNTIMES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  'Node.js': ['node'],
  Bun: [found('bun', '@oven', 'bin/bun'), 'run'],
  Deno: [found('deno', '@deno', 'deno'), 'run', '--no-prompt', ...DENO_RIGHTS],
};

const STEPS =
  'connect, wrong password, decide, failing, refused, bulk, reset, dial, bind, udp, accept, kick, update, close, events';

for (const [name, [program, ...args]] of Object.entries(RUNTIMES)) {
  const inRuntime = needing('make runtimes', program !== undefined, test.serial);
  inRuntime(`the library serves in ${name}`, async (t) => {
    t.timeout(120_000);
    const library = name === 'Node.js' ? 'dist/cjs/index.js' : 'dist/index.js';
    const command = [program ?? '', ...args.map(String), EXERCISE, join(ROOT, library)];
    const { stdout, stderr } = await run(command);
    t.deepEqual(stdout.trim().split('\n').join(', '), STEPS, stderr);
  });
}
