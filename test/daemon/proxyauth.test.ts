// The file of logins at proxies, as it changes under a daemon.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { formatProblem } from '../../src/config/values/problem.ts';
import { checkProxyAuth, followProxyAuth } from '../../src/daemon/host/proxyauth.ts';
import { temporaryFolder } from '../support/daemon.ts';

const HOP = { protocol: 'socks5', cover: 'plain', host: '192.0.2.1', port: 1080 } as const;

function authFile(t: ExecutionContext, text: string): string {
  const file = join(temporaryFolder(t), 'auth');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

test('a file that others may read is doubtful, and one that they may write is wrong', (t) => {
  const file = authFile(t, '192.0.2.1 user pass\n');
  t.deepEqual(checkProxyAuth(file), []);
  for (const [mode, severity] of [
    [0o644, 'warning'],
    [0o622, 'error'],
    [0o640, undefined],
  ] as const) {
    chmodSync(file, mode);
    t.is(checkProxyAuth(file)[0]?.severity, severity, mode.toString(8));
  }
});

test('a file that is not there is an error', (t) => {
  const [problem] = checkProxyAuth('/nowhere/auth');
  t.is(
    formatProblem(problem!),
    '/nowhere/auth: cannot be read for the logins at proxies: no such file or directory',
  );
});

test('a file is followed once a second, and a broken version changes nothing', (t) => {
  const file = authFile(t, '192.0.2.1 first one\n');
  let now = 0;
  const told: string[] = [];
  const log = {
    write: (...[level, , , text]: readonly unknown[]) => void told.push(`${String(level)} ${String(text)}`),
  };
  const find = followProxyAuth(file, log, () => now);
  const user = () => String(find(HOP)?.user);
  t.is(user(), 'first');
  writeFileSync(file, '192.0.2.1 another two\n');
  t.is(user(), 'first');
  now += 1000;
  t.is(user(), 'another');
  writeFileSync(file, '192.0.2.1 broken\n');
  now += 1000;
  t.is(user(), 'another');
  t.regex(told.join(), /^err .*auth:1: "192\.0\.2\.1": the line has too few words.*stays in force$/);
  rmSync(file);
  now += 1000;
  t.is(user(), 'another');
  now += 1000;
  t.is(user(), 'another');
  t.is(told.length, 2);
});
