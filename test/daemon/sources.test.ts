import test from 'ava';
import { formatProblem } from '../../src/config/values/problem.ts';
import { checkSources } from '../../src/daemon/host/sources.ts';
import { configOf, loadFile } from '../support/configuration.ts';
import { ip } from '../support/ip.ts';

const OWN = new Set([ip('192.0.2.7'), ip('2001:db8::7')]);
const BLOCK = 'a block needs freebind = yes, unless this host has every address of it; see docs/ways-out.md';
const ABSENT =
  'this host does not have the address now, and connections from there will fail; add it, or set freebind = yes';

const CASES: readonly (readonly [text: string, warnings: readonly string[]])[] = [
  ['source = 192.0.2.7, 2001:db8::7, 127.0.0.9', []],
  ['source = client', []],
  ['source = 192.0.2.7,192.0.2.8', [`x.conf:1: warning: source 192.0.2.8: ${ABSENT}`]],
  ['route = * any source=192.0.2.7+192.0.2.9', [`x.conf:1: warning: source 192.0.2.9: ${ABSENT}`]],
  ['[staff]\nsource = 2001:db8:1::/64', [`x.conf:2: warning: source 2001:db8:1::/64: ${BLOCK}`]],
  ['freebind = yes\nsource = 192.0.2.8,2001:db8:1::/64', []],
];

for (const [text, warnings] of CASES) {
  test(`${JSON.stringify(text)} is warned of ${warnings.length} times`, (t) => {
    t.deepEqual(checkSources(configOf(loadFile(text)), OWN).map(formatProblem), warnings);
  });
}
