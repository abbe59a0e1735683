// pis5user on a terminal, and the options of the C program.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { pis5user, pis5userOnTerminal } from '../support/pis5user.ts';
import { fileWith, KEPT, FAST } from '../support/userfiles.ts';

test('on a terminal the password is asked for twice and never shown', async (t) => {
  const file = fileWith(KEPT);
  const { status, stdout } = await pis5userOnTerminal(
    ['add', ...FAST, file, 'alice'],
    [
      { after: /New password for alice: /, type: 'sekrex\x7ft\r' },
      { after: /Once more: /, type: 'junk\x15sekret\r' },
    ],
  );
  t.is(status, 0, stdout);
  t.notRegex(stdout, /sekre|junk|ECHO-IS-OFF/);
  t.is((await pis5user(['verify', file, 'alice'], 'sekret')).status, 0);
});

test('on a terminal two different passwords change nothing', async (t) => {
  const file = fileWith(KEPT);
  const { status, stdout } = await pis5userOnTerminal(
    ['passwd', ...FAST, file, 'zoe'],
    [
      { after: /New password for zoe: /, type: 'one\r' },
      { after: /Once more: /, type: 'two\r' },
    ],
  );
  t.is(status, 65, stdout);
  t.regex(stdout, /the two passwords differ/);
  t.is(readFileSync(file, 'utf8'), KEPT);
});

test('Ctrl-C at the prompt changes nothing and gives the terminal back', async (t) => {
  const file = fileWith(KEPT);
  const { status, stdout } = await pis5userOnTerminal(
    ['passwd', file, 'zoe'],
    [{ after: /New password for zoe: /, type: 'one\x03' }],
  );
  t.is(status, 130, stdout);
  t.notRegex(stdout, /ECHO-IS-OFF/);
  t.is(readFileSync(file, 'utf8'), KEPT);
});

for (const [methods, pattern] of [
  [[], /^ann::\$6\$[^:\n]+\nann::\$base64\$c2VjcmV0\n$/],
  [['-m', 'basic'], /^ann::\$6\$[^:\n]+\n$/],
  [['--method', 'chap'], /^ann::\$base64\$c2VjcmV0\n$/],
  [['-m', 'chap,basic'], /^ann::\$6\$[^:\n]+\nann::\$base64\$c2VjcmV0\n$/],
] as const) {
  test(`pis5user ${methods.join(' ')} USER prints lines, as that of PicoSOCKS5 (C) does`, async (t) => {
    const { status, stdout } = await pis5user([...methods, 'ann'], 'secret\nsecret\n');
    t.is(status, 0);
    t.regex(stdout, pattern);
    const file = fileWith(stdout);
    t.is((await pis5user(['verify', file, 'ann'], 'secret\n')).status, 0);
    t.is((await pis5user(['verify', file, 'ann'], 'Secret\n')).status, 77);
  });
}

test('pis5user -l lists the methods of the C program, and -h tells of both forms', async (t) => {
  t.is((await pis5user(['-l'])).stdout, 'basic\nchap\n');
  const { status, stdout } = await pis5user(['-h']);
  t.is(status, 0);
  t.regex(stdout, /pis5user \[-m basic,chap\] \[-i\] USER/);
});

test('on a terminal the password for printed lines is asked for twice', async (t) => {
  const answers = [
    { after: /New password for ann: /, type: 'secret\r' },
    { after: /Once more: /, type: 'secret\r' },
  ];
  const { status, stdout } = await pis5userOnTerminal(['-m', 'chap', 'ann'], answers);
  t.is(status, 0, stdout);
  t.regex(stdout, /ann::\$base64\$c2VjcmV0/);
});
