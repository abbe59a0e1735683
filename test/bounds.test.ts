// docs/bounds.md against what the tables take, filled to their bounds all at once under the heap limit of bin/picosocks5.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';
import { heapWarning } from '../src/daemon/host/capacity.ts';
import { TYPESCRIPT } from './support/typescript.ts';

const MIB = 2 ** 20;
/** What the program itself may have allocated or freed while it filled one table. */
const NOISE_BYTES = MIB;
const run = promisify(execFile);
const text = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

interface Row {
  readonly entries: number;
  readonly bytesEach: number;
  readonly mib: number;
}

/** The rows of "Tables", by the name of the table. */
function documented(): ReadonlyMap<string, Row> {
  const section = /^### Tables$([\s\S]*?)(?=^##|(?![\s\S]))/m.exec(text('docs/bounds.md'))?.[1] ?? '';
  const cells = [...section.matchAll(/^\| (?!table|---)(.*) \|$/gm)].map(([, row]) => row!.split(' | '));
  const number = (cell: string | undefined): number => Number(cell?.replaceAll(',', ''));
  return new Map(
    cells.map(([name, , entries, bytes, mib]) => [
      name!,
      { entries: number(entries), bytesEach: number(bytes), mib: number(mib) },
    ]),
  );
}

test('every table, filled to its bound with the largest entries, takes no more than docs/bounds.md says', async (t) => {
  const heap = /--max-old-space-size=\d+/.exec(text('bin/picosocks5'))![0];
  const program = new URL('support/filltables.ts', import.meta.url).pathname;
  const { stdout } = await run(process.execPath, [
    ...[TYPESCRIPT, '--expose-gc', '--max-semi-space-size=2', heap],
    program,
  ]);
  const filled = JSON.parse(stdout) as {
    rows: Record<string, { count: number; bytes: number }>;
    heap: number;
    limit: number;
  };
  const rows = documented();
  t.deepEqual(Object.keys(filled.rows).sort(), [...rows.keys()].sort());
  for (const [name, { count, bytes }] of Object.entries(filled.rows)) {
    const { entries, bytesEach } = rows.get(name)!;
    t.log(`${name}: ${count} of ${(bytes / count).toFixed(0)} bytes`);
    t.is(count, entries, name);
    t.true(bytes <= count * bytesEach + NOISE_BYTES, `${name}: ${bytes / count} bytes each`);
  }
  t.log(`all at once: ${(filled.heap / MIB).toFixed(0)} MiB of ${(filled.limit / MIB).toFixed(0)}`);
  const sum = [...rows.values()].reduce((all, { mib }) => all + mib, 0);
  t.true(filled.heap / MIB < sum + 64, 'the tables, and the program that fills them');
  t.true(filled.heap < filled.limit);
});

test('docs/bounds.md adds up, and the daemon keeps as much for tables as it says', (t) => {
  let sum = 0;
  for (const [name, { entries, bytesEach, mib }] of documented()) {
    t.true(Math.abs((entries * bytesEach) / MIB - mib) < 0.06, `${name}: ${(entries * bytesEach) / MIB} MiB`);
    sum += mib;
  }
  t.log(`${sum.toFixed(0)} MiB`);
  const kept = Number(/(\d+) MiB are for the tables/.exec(text('docs/bounds.md'))?.[1]);
  t.true(sum <= kept);
  const rooms = { descriptors: 1024, open: 0, relayThreads: 0, transport: 'engine' } as const;
  t.is(heapWarning({ ...rooms, heapBytes: kept * MIB }, 0), undefined);
  t.is(typeof heapWarning({ ...rooms, heapBytes: (kept - 1) * MIB }, 0), 'string');
});
