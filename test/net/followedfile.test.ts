import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { DNS_DEFAULTS, parseResolvConf } from '../../src/net/dns/resolvconf.ts';
import { FollowedFile } from '../../src/net/followedfile.ts';
import { temporaryFolder } from '../support/daemon.ts';

test('resolv.conf is followed as it changes, and a version that names no server leaves the one before', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'resolv.conf');
  let now = 0;
  const parse = (text: string) => parseResolvConf(text, 'host');
  const file = new FollowedFile(path, () => now, parse, DNS_DEFAULTS);
  const later = () => {
    now += 1000;
    return file.content.servers.map(({ address }) => address).join();
  };
  t.is(later(), '127.0.0.1', 'without a file');
  writeFileSync(path, 'nameserver 192.0.2.1\n');
  t.is(later(), '192.0.2.1');
  const known = file.content;
  t.is(file.content, known, 'the same as long as it holds');
  writeFileSync(path, '');
  t.is(later(), '192.0.2.1', 'half written');
  rmSync(path);
  t.is(later(), '192.0.2.1', 'gone');
  writeFileSync(join(folder, 'stub.conf'), 'nameserver 192.0.2.22\n');
  symlinkSync('stub.conf', path);
  t.is(later(), '192.0.2.22', 'a link');
  writeFileSync(join(folder, 'new.conf'), 'nameserver 192.0.2.33\n');
  renameSync(join(folder, 'new.conf'), join(folder, 'stub.conf'));
  t.is(later(), '192.0.2.33', 'replaced behind the link');
  writeFileSync(join(folder, 'stub.conf'), 'nameserver 192.0.2.4\n');
  now += 999;
  t.is(file.content.servers[0]?.address, '192.0.2.33', 'it is not looked at yet');
});

test('a file that cannot be read is told once for each reason, and tried until it can', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'list');
  let now = 0;
  const told: (string | undefined)[] = [];
  const reading = { whenUnreadable: ({ code }: NodeJS.ErrnoException) => void told.push(code) };
  const file = new FollowedFile(
    path,
    () => now,
    (text) => text,
    'otherwise',
    reading,
  );
  const later = () => {
    now += 1000;
    return file.content;
  };
  t.deepEqual([later(), later()], ['otherwise', 'otherwise']);
  mkdirSync(path);
  t.deepEqual([later(), later()], ['otherwise', 'otherwise']);
  rmSync(path, { recursive: true });
  writeFileSync(path, '');
  t.is(later(), '');
  rmSync(path);
  t.deepEqual([later(), later()], ['', '']);
  t.deepEqual(told, ['ENOENT', 'EISDIR', 'ENOENT']);
});

test('what cannot be read may say something by that, and bytes may be read as they are', (t) => {
  const path = join(temporaryFolder(t), 'list');
  let now = 0;
  const file = new FollowedFile(
    path,
    () => now,
    (text) => text,
    'otherwise',
    {
      encoding: 'latin1',
      whenUnreadable: () => 'gone',
    },
  );
  t.is(file.content, 'gone');
  writeFileSync(path, Uint8Array.of(0xe4, 0xff));
  now += 1000;
  t.is(file.content, 'äÿ');
  now += 1000;
  chmodSync(path, 0o600);
  const parsed: string[] = [];
  const modes = new FollowedFile(
    path,
    () => now,
    (text) => void parsed.push(text),
    undefined,
  );
  chmodSync(path, 0o640);
  now += 1000;
  t.is(modes.content, undefined);
  t.is(parsed.length, 2, 'its mode is part of its version');
});
