// `make fuzz`: seeded random conversations against whole servers. HACKING.md says how to use it.
import { parseArgs } from 'node:util';
import { transports as available } from '../support/transports.ts';
import { loadCorpus } from './corpus.ts';
import { formatFinding } from './finding.ts';
import { fuzz, replay, type Result } from './run.ts';
import { parseScript } from './script.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '' },
    transport: { type: 'string', default: 'both' },
    replay: { type: 'string', default: '' },
  },
});
const seed = values.seed === '' ? Math.floor(Math.random() * 2 ** 31) : mustBeNumber('seed', values.seed);
const seconds = mustBeNumber('seconds', values.seconds);
const names = available.map(({ name }) => name);
const transports = values.transport === 'both' ? names : [values.transport];
if (!transports.every((name) => names.includes(name))) {
  fail(`no transport "${values.transport}" on this machine: both, ${names.join(', ')}`);
}

const runAgain = `SEED=${seed} SECONDS=${seconds} TRANSPORT=${values.transport}`;
const result = await (values.replay === '' ? run() : replay(parseScript(values.replay), transports));
process.exitCode = tell(result);

function run(): Promise<Result> {
  console.log(`fuzz: ${runAgain}, over ${transports.join(' and ')}`);
  const onProgress = (line: string) => console.log(`fuzz: ${line}`);
  return fuzz({ seed, seconds, transports, corpus: loadCorpus(), onProgress });
}

/** The exit status: 0 nothing was found, 1 something was. */
function tell({ tally, finding }: Result): number {
  console.log(tally.lines().join('\n'));
  console.log(finding === undefined ? 'fuzz: nothing found' : formatFinding(finding, runAgain));
  return finding === undefined ? 0 : 1;
}

function mustBeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || number > 2 ** 32) fail(`--${option} is a number, not "${text}"`);
  return number;
}

function fail(why: string): never {
  console.error(`fuzz: ${why}`);
  process.exit(2);
}
