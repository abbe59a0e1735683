// A program whose standard error nobody may be reading: opens the sink on it, writes `records` lines, says on
// standard output how long its event loop stood still, and at a line on standard input drains and exits.
// usage: noisy-stderr.ts RECORDS
import { once } from 'node:events';
import { openStderr } from '../../src/observe/lines/stderr.ts';
import { droppedLine, longestGap, textLine } from './logline.ts';

const records = Number(process.argv[2]);
const sink = openStderr(2, droppedLine);
const gap = await longestGap(async () => {
  for (let at = 0; at < records; at++) {
    sink.write(textLine(`record=${at} ${'x'.repeat(100)}`));
    if (at % 100 === 0) await new Promise(setImmediate);
  }
});
process.stdout.write(`${gap}\n`);
const [word] = (await once(process.stdin, 'data')) as [Buffer];
if (word.toString() === 'drain\n') await sink.drained();
await sink.close();
process.exit(7);
