// Routes that lead back to the daemon itself.
import test from 'ava';
import { findLoops } from '../../src/daemon/host/routeloops.ts';
import { configOf, load } from '../support/configuration.ts';
import { ip } from '../support/ip.ts';

const OWN = new Set([ip('192.0.2.7'), ip('2001:db8::7')]);

const CASES: readonly (readonly [listen: string, proxy: string, isLoop: boolean])[] = [
  ['*:1080', '127.0.0.1 1080', true],
  ['*:1080', '[::1] 1080', true],
  ['*:1080', '192.0.2.7', true],
  ['*:1080', '::ffff:192.0.2.7 1080', true],
  ['*:1080', '[2001:db8::7] 1080', true],
  ['*:1080', '192.0.2.7 1081', false],
  ['*:1080', '192.0.2.8 1080', false],
  ['127.0.0.1:1080', '127.0.0.1 1080', true],
  ['127.0.0.1:1080', '127.0.0.2 1080', false],
  ['127.0.0.1:1080', '192.0.2.7 1080', false],
  ['0.0.0.0:1080', '192.0.2.7 1080', true],
  ['0.0.0.0:1080', '[::1] 1080', false],
  ['*:1080', '0.0.0.0 1080', true],
  ['*:1080', '127.0.0.1 1080 192.0.2.8 1080', false],
  ['*:1080', '192.0.2.8 | 127.0.0.1', true],
  ['*:1080', 'localhost', false],
];

for (const [listen, proxy, isLoop] of CASES) {
  test(`listening at ${listen}, the proxy ${proxy} is ${isLoop ? '' : 'not '}ourselves`, (t) => {
    const config = configOf(load(['--route', `* any ${proxy}`, listen]));
    const problems = findLoops(config, (each) => OWN.has(each));
    t.is(problems.length, isLoop ? 1 : 0);
    t.true(problems.every(({ text }) => text.includes('is this daemon itself')));
  });
}
