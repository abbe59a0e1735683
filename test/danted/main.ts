// `make convert-fuzz`: random sockd.conf files, and the same requests to Dante and to what --convert makes of them. HACKING.md
// says how to use it.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compare, makeCase, shorten, type Finding, type Tally } from './compare.ts';
import { formatRequest } from './request.ts';
import { formatConf } from './sockdconf.ts';
import { ALONE, furnish } from './world.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '' },
    seed: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    count: { type: 'string', default: '' },
    inside: { type: 'boolean', default: false },
  },
});
const seed = values.seed === '' ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
const seconds = Number(values.seconds === '' ? 60 : values.seconds);
if (![seed, seconds, Number(values.only), Number(values.count)].every(Number.isFinite))
  fail('SEED, SECONDS and ONLY are numbers');
if (process.getuid?.() !== 0) fail('it needs root, for namespaces with addresses of their own');

// Those who answer at the ports would keep it alive.
process.exit(values.inside ? await run() : await goInside());

/** The same program with the same seed, alone in its namespaces. */
function goInside(): Promise<number> {
  const [program = '', ...wrapper] = ALONE;
  const args = [
    ...process.execArgv,
    process.argv[1]!,
    ...process.argv.slice(2),
    '--seed',
    `${seed}`,
    '--inside',
  ];
  const child = spawn(program, [...wrapper, process.execPath, ...args], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', (status) => resolve(status ?? 2)));
}

/** The exit status: 0 nothing was found, 1 something was. */
async function run(): Promise<number> {
  console.log(`convert-fuzz: SEED=${seed}`);
  const folder = await furnish();
  const limit = performance.now() + seconds * 1000;
  const tally: Tally = new Map();
  const first = values.only === '' ? 0 : Number(values.only);
  const end = values.only !== '' ? first + 1 : values.count === '' ? Infinity : Number(values.count);
  try {
    for (
      let at = first;
      at < end && (values.count !== '' || values.only !== '' || performance.now() < limit);
      at++
    ) {
      const { conf, requests } = makeCase(seed, at);
      const finding = await confirm(await compare(conf, requests, folder, tally), folder);
      if (finding === undefined) continue;
      tell(await shorten(finding, folder, 120_000), at);
      return 1;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    for (const [what, times] of [...tally].sort()) console.log(`  ${times} ${what}`);
  }
  console.log('convert-fuzz: nothing found');
  return 0;
}

/** What comes again, for a datagram may get lost. */
async function confirm(found: Finding | undefined, folder: string): Promise<Finding | undefined> {
  return found && compare(found.conf, [found.request], folder, new Map());
}

function tell({ conf, request }: Finding, at: number): void {
  console.log('convert-fuzz: ours passes what Dante stops, and says nothing:');
  console.log(formatConf(conf, 1080).replace(/^/gm, '  '));
  console.log(`  ${formatRequest(request)}`);
  console.log(`again: make convert-fuzz SEED=${seed} ONLY=${at}`);
}

function fail(why: string): never {
  console.error(`convert-fuzz: ${why}`);
  process.exit(2);
}
