import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { checkHostsAccess, followHostsAccess } from '../../src/daemon/host/hostsaccess.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { ip } from '../support/ip.ts';

/** The two files in a folder of their own, a clock that the test moves, and what was logged. */
function place(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const files = (['allow', 'deny'] as const).map((verdict) => ({
    path: join(folder, `hosts.${verdict}`),
    verdict,
    daemon: 'picosocks5',
  }));
  const clock = { now: 0 };
  const logged: string[] = [];
  const log = {
    write: (level: string, event: string, _fields?: unknown, text = '') =>
      void logged.push(`${level} ${event} ${text.replaceAll(folder, '')}`),
  };
  return {
    clock,
    logged,
    check: () => checkHostsAccess(files),
    write: (verdict: string, text: string) => writeFileSync(join(folder, `hosts.${verdict}`), text),
    remove: (verdict: string) => rmSync(join(folder, `hosts.${verdict}`)),
    follow: () => {
      const access = followHostsAccess(log, files, () => clock.now);
      return (client: string) => {
        clock.now += 1000;
        const answer = access.decide(ip(client), { kind: 'unasked' });
        return answer === 'ask-name' ? answer : answer.verdict;
      };
    },
  };
}

test('without files everybody may come', (t) => {
  const { check, follow, logged } = place(t);
  t.deepEqual(check(), { files: [], problems: [] });
  t.is(follow()('192.0.2.1'), 'allow');
  t.deepEqual(logged, []);
});

test('a file is read again when it has changed, once in a second', (t) => {
  const { clock, write, follow } = place(t);
  write('deny', 'ALL: 192.0.2.1\n');
  const verdict = follow();
  t.is(verdict('192.0.2.1'), 'deny');
  write('deny', 'ALL: 192.0.2.22\n');
  clock.now -= 1;
  t.is(verdict('192.0.2.1'), 'deny');
  t.is(verdict('192.0.2.1'), 'allow');
  t.is(verdict('192.0.2.22'), 'deny');
  write('allow', 'ALL: ALL\n');
  t.is(verdict('192.0.2.22'), 'allow');
});

test('a broken new version keeps what the file said, and is told once', (t) => {
  const { write, follow, logged } = place(t);
  write('deny', 'ALL: 192.0.2.1\n');
  const verdict = follow();
  write('deny', 'ALL: 192.0.2.2\nALL: @group\n');
  t.deepEqual([verdict('192.0.2.1'), verdict('192.0.2.2'), verdict('192.0.2.2')], ['deny', 'allow', 'allow']);
  t.deepEqual(logged, [
    'err config /hosts.deny:2: "@group" is not supported: netgroups are not asked; what the file said before stays in force',
  ]);
  write('deny', 'ALL: 192.0.2.2\n');
  t.deepEqual([verdict('192.0.2.1'), verdict('192.0.2.2')], ['allow', 'deny']);
});

test('a file that is gone, as after a chroot, keeps saying what it said', (t) => {
  const { write, remove, follow, logged } = place(t);
  write('deny', 'ALL: 192.0.2.1\n');
  const verdict = follow();
  remove('deny');
  t.deepEqual([verdict('192.0.2.1'), verdict('192.0.2.1')], ['deny', 'deny']);
  t.deepEqual(logged, [
    'warn config /hosts.deny: warning: is gone; what the file said before stays in force',
  ]);
});

test('where a file was broken from the start nobody may come until it is mended', (t) => {
  const { write, follow, check } = place(t);
  write('allow', 'ALL: @group\n');
  t.like(check(), { problems: [{ severity: 'error' }] });
  const verdict = follow();
  t.is(verdict('192.0.2.1'), 'deny');
  write('allow', '');
  t.is(verdict('192.0.2.1'), 'allow');
});
