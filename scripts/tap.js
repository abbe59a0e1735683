// Reads TAP (https://testanything.org) and prints what failed, then one line: PASSED FAILED SKIPPED.
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').split('\n');
const skipped = lines.filter((line) => /^(not )?ok .*# (SKIP|TODO)/i.test(line));
const passed = lines.filter((line) => /^ok /.test(line) && !skipped.includes(line));
const failed = lines.filter((line) => /^not ok /.test(line) && !skipped.includes(line));

// One that passed when it ran again (scripts/ava.js) is shown with how it failed first. A difference of two long values is cut.
const MOST_LINES = 60;
let left = 0;
for (const line of lines) {
  if (/^(not )?ok /.test(line)) left = failed.includes(line) || line.endsWith('# AGAIN') ? MOST_LINES : 0;
  if (left > 0) console.log(line.slice(0, 300));
  left -= 1;
}
for (const line of skipped) console.log(`skipped: ${line}`);

// A runner that died without naming a failed test has failed all the same.
const silent = Number(status) !== 0 && failed.length === 0 ? 1 : 0;
console.log(`${passed.length} ${failed.length + silent} ${skipped.length}`);
