import { execFileSync } from 'node:child_process';
import test from 'ava';
import {
  descriptorLimit,
  parseDescriptorLimit,
  raiseDescriptorLimit,
} from '../../src/daemon/unix/descriptors.ts';
import { TYPESCRIPT } from '../support/typescript.ts';
import { asRoot } from '../support/root.ts';

const MODULE = new URL('../../src/daemon/unix/descriptors.ts', import.meta.url).href;

/** Runs raiseDescriptorLimit(wanted) in a process that starts with the limit `hard`: [limit after, warnings]. */
function raise(wanted: number, hard: number, ...prefix: string[]): [number, string[]] {
  const program = `
    const { raiseDescriptorLimit, descriptorLimit } = await import(${JSON.stringify(MODULE)});
    const warnings = raiseDescriptorLimit(${wanted});
    process.stdout.write(JSON.stringify([descriptorLimit(), warnings]));`;
  const shell = `ulimit -n ${hard} && exec "$@"`;
  const run = [...prefix, TYPESCRIPT, '--input-type=module', '--eval', program];
  const output = execFileSync('sh', ['-c', shell, 'sh', process.execPath, ...run], { encoding: 'utf8' });
  return JSON.parse(output) as [number, string[]];
}

test('descriptorLimit() is what the shell says', (t) => {
  const output = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim();
  t.is(descriptorLimit(), output === 'unlimited' ? Infinity : Number(output));
});

test('raiseDescriptorLimit() leaves a limit that is high enough', (t) => {
  const before = descriptorLimit();
  t.deepEqual(raiseDescriptorLimit(64), []);
  t.is(descriptorLimit(), before);
});

asRoot('raiseDescriptorLimit() raises the hard limit as root, or says that it may not', (t) => {
  for (const flags of [[], ['--no-addons']]) {
    const [limit, warnings] = raise(700, 600, ...flags);
    t.deepEqual([limit, warnings.length], warnings.length === 0 ? [700, 0] : [600, 1]);
    for (const warning of warnings)
      t.regex(warning, /^cannot raise the limit of open files from 600 to 700: /);
  }
});

test('raiseDescriptorLimit() warns when the kernel refuses', (t) => {
  // Beyond fs.nr_open not even root may go.
  const [limit, warnings] = raise(2_000_000_000, 600);
  t.is(limit, 600);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /^cannot raise the limit of open files from 600 to 2000000000: .*LimitNOFILE=/);
});

test('parseDescriptorLimit() reads numbers and "unlimited"', (t) => {
  const line =
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 unlimited            files\n';
  t.deepEqual(parseDescriptorLimit(line), { soft: 1024, hard: null });
  t.is(parseDescriptorLimit('Max cpu time 1 2 seconds'), undefined);
});
