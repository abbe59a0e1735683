// Whose certificates proxies may have, from files.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { formatProblem } from '../../src/config/values/problem.ts';
import { loadAuthorities } from '../../src/daemon/files/authorities.ts';
import { createAuthority } from '../support/certificates.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { route } from '../support/routes.ts';

const PLAIN = [route('* any proxy.test 1080/5')];
const OVER_TLS = [route('* any far.test 1080/5 | far.test 1080/5S proxy.test 8080/H')];

test('without a proxy over TLS nothing is read', (t) => {
  t.deepEqual(loadAuthorities({ proxyCa: undefined, routes: PLAIN }), {
    trust: undefined,
    problems: [],
    files: [],
  });
});

test('without an own file the CAs of the system are trusted', (t) => {
  const { trust, problems, files } = loadAuthorities({ proxyCa: undefined, routes: OVER_TLS });
  t.truthy(trust);
  t.deepEqual(problems, []);
  const system = '/etc/ssl/certs/ca-certificates.crt';
  t.deepEqual(files, existsSync(system) ? [system] : []);
});

test('an own file is read whether it is needed yet or not', (t) => {
  const { file } = createAuthority();
  for (const routes of [PLAIN, OVER_TLS]) {
    const { trust, problems, files } = loadAuthorities({ proxyCa: file, routes });
    t.truthy(trust);
    t.deepEqual([problems, files], [[], [file]]);
  }
});

const CERTIFICATE = readFileSync(createAuthority().file, 'utf8');
const FORGED = CERTIFICATE.replace(/MII./, 'AAAA');

for (const [what, text, why] of [
  ['an empty file', '', 'has no certificate in PEM form, so that no proxy over TLS could be trusted'],
  [
    'a key',
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    'has no certificate in PEM form, so that',
  ],
  ['a broken certificate', `${CERTIFICATE}\n# ours\n${FORGED}`, 'certificate 2 of 2 in it cannot be read'],
  ['a file that is not there', undefined, 'cannot be read for the CAs of proxies: no such file or directory'],
] as const) {
  test(`${what} is an error`, (t) => {
    const file = join(temporaryFolder(t), 'ca.pem');
    if (text !== undefined) writeFileSync(file, text);
    const { trust, problems } = loadAuthorities({ proxyCa: file, routes: OVER_TLS });
    t.is(trust, undefined);
    t.true(formatProblem(problems[0]!).startsWith(`${file}: ${why}`), formatProblem(problems[0]!));
    t.is(problems[0]?.severity, 'error');
  });
}
