// pis5user lock, unlock and expire: what they write, and that list, verify and the daemon's table agree about it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { pis5user } from '../support/pis5user.ts';

const folder = mkdtempSync(join(tmpdir(), 'pis5user-marks-'));
test.after.always(() => rmSync(folder, { recursive: true }));

/** Of the password "secret". */
const APR1 = '$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0';

let files = 0;
function fileWith(text: string): string {
  const file = join(folder, `users${files++}`);
  writeFileSync(file, text);
  return file;
}

const done = async (...args: readonly string[]): Promise<string> => {
  const { status, stdout, stderr } = await pis5user(args, 'secret\n');
  return status === 0 ? stdout : `${status ?? ''} ${stderr}`;
};

/** The line of alice, as it is, locked, and expired in addition; each with CR LF, among lines that stay. */
const LINES: readonly (readonly [before: string, locked: string, expired: string])[] = [
  [`alice:${APR1}`, `alice:${APR1}:!locked`, `alice:${APR1}:!locked:!expires=2026-12-31`],
  [`alice:${APR1}:`, `alice:${APR1}:!locked:`, `alice:${APR1}:!locked:!expires=2026-12-31:`],
  [
    ` alice:${APR1}:a: b \t`,
    ` alice:${APR1}:!locked:a: b \t`,
    ` alice:${APR1}:!locked:!expires=2026-12-31:a: b \t`,
  ],
  [`alice:staff:${APR1}`, `alice:staff:${APR1}:!locked`, `alice:staff:${APR1}:!locked:!expires=2026-12-31`],
  [
    'alice::$base64$c2VjcmV0',
    'alice::$base64$c2VjcmV0:!locked',
    'alice::$base64$c2VjcmV0:!locked:!expires=2026-12-31',
  ],
];

for (const [before, locked, expired] of LINES) {
  test(`lock, expire and unlock of "${before}" change nothing else, and take back what they did`, async (t) => {
    const around = (line: string) => `# c\r\n${line}\r\nbob:${APR1}\r\n`;
    const file = fileWith(around(before));
    const text = () => readFileSync(file, 'latin1');
    t.is(await done('lock', file, 'alice'), '');
    t.is(text(), around(locked));
    t.is(await done('lock', file, 'alice'), '');
    t.is(text(), around(locked));
    t.is(await done('expire', file, 'alice', '2026-12-31'), '');
    t.is(text(), around(expired));
    t.is(await done('expire', file, 'alice', 'never'), '');
    t.is(await done('unlock', file, 'alice'), '');
    t.is(text(), around(before));
  });
}

test('list and verify say who is locked and who has expired', async (t) => {
  const file = fileWith(`alice:${APR1}\nbob:${APR1}:the comment\n`);
  await done('lock', file, 'alice');
  await done('expire', file, 'bob', '2000-02-29');
  t.is(await done('list', file), 'alice\t-\tapr1\tlocked\nbob\t-\tapr1\texpired=2000-02-29\n');
  t.is(
    await done('verify', file, 'alice'),
    '77 pis5user: alice: the password is right, but the user is locked\n',
  );
  t.regex(await done('verify', file, 'bob'), /^77 .*bob: .* has expired \(since 2000-02-29\)\n$/);
  t.regex((await pis5user(['verify', file, 'alice'], 'Secret\n')).stderr, /wrong password/);
  await done('expire', file, 'bob', '9999-12-31');
  await done('unlock', file, 'alice');
  t.is(await done('list', file), 'alice\t-\tapr1\nbob\t-\tapr1\texpires=9999-12-31\n');
  for (const user of ['alice', 'bob']) t.regex(await done('verify', file, user), /correct/);
});

test('what another program has locked in front of the hash is listed, verified and unlocked alike', async (t) => {
  const file = fileWith(`alice:!${APR1}\nbob:s:*!${APR1}:c\ncarol:!\n`);
  t.regex(await done('list', file), /^alice\t-\tapr1\tlocked\nbob\ts\tapr1\tlocked\ncarol\t-\tunusable\n$/);
  t.regex(
    await done('verify', file, 'alice'),
    /^77 [^]*alice: the password is right, but the user is locked\n$/,
  );
  t.is(await done('lock', file, 'alice'), '');
  for (const user of ['alice', 'bob']) t.is(await done('unlock', file, user), '');
  t.regex(await done('unlock', file, 'carol'), /^65 .*carol has no password that could be unlocked/);
  t.is(readFileSync(file, 'utf8'), `alice:${APR1}\nbob:s:${APR1}:c\ncarol:!\n`);
});

test('a password in plain text is locked in front, because what stands behind it is a part of it', async (t) => {
  const file = fileWith('alice:secret\nbob:staff:se:cret\n');
  for (const user of ['alice', 'alice', 'bob']) t.is(await done('lock', file, user), '');
  t.is(readFileSync(file, 'utf8'), 'alice:!secret\nbob:staff:!se:cret\n');
  t.regex(await done('expire', file, 'alice', '2026-12-31'), /^65 .*alice stands in .* as it is.*passwd\n$/);
  for (const user of ['alice', 'bob']) t.is(await done('unlock', file, user), '');
  t.is(readFileSync(file, 'utf8'), 'alice:secret\nbob:staff:se:cret\n');
});

test('every line of the user is marked, and passwd takes the lock off but not the date', async (t) => {
  const file = fileWith(`alice:s:${APR1}\nalice:s:$base64$eA==:c\n`);
  await done('lock', file, 'alice');
  await done('expire', file, 'alice', '9999-12-31');
  const marks = '!locked:!expires=9999-12-31';
  t.is(readFileSync(file, 'utf8'), `alice:s:${APR1}:${marks}\nalice:s:$base64$eA==:${marks}:c\n`);
  await done('passwd', '-m', 'apr1', file, 'alice');
  t.regex(readFileSync(file, 'utf8'), /^alice:s:\$apr1\$[^:]*:!expires=9999-12-31\n$/);
});

for (const [args, status, message] of [
  [['lock', 'FILE', 'nobody'], 67, /nobody is not in/],
  [['unlock', 'FILE', 'nobody'], 67, /nobody is not in/],
  [['expire', 'FILE', 'nobody', 'never'], 67, /nobody is not in/],
  [['lock', 'FILE', ''], 65, /the server itself/],
  [['expire', 'FILE', 'alice'], 64, /until which day/],
  [['expire', 'FILE', 'alice', '2026-02-30'], 64, /no day; write YYYY-MM-DD/],
  [['expire', 'FILE', 'alice', 'never', 'x'], 64, /too many/],
  [['lock', '-i', 'FILE', 'alice'], 64, /does not know the option/],
] as const) {
  test(`pis5user ${args.join(' ')} ends with ${status} and changes nothing`, async (t) => {
    const text = `alice:${APR1}\n`;
    const file = fileWith(text);
    const outcome = await pis5user(args.map((arg) => arg.replace('FILE', file)));
    t.is(outcome.status, status);
    t.regex(outcome.stderr, message);
    t.is(readFileSync(file, 'utf8'), text);
  });
}
