// What documents have somebody type is read out of them; "make deb-test" and "make typed" type it, in a world of their own.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { stepsOf } from '../scripts/typed/document.ts';
import { BEFORE, STAYING, UNTYPED } from '../scripts/typed/exceptions.ts';
import { Terminal } from '../scripts/typed/terminal.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** Those that scripts/deb-test/run.sh has typed. */
const TYPED = [...read('scripts/deb-test/run.sh').matchAll(/\bDOCUMENTS='?([\w./ -]+\.md)'?/g)].flatMap(
  ([, documents = '']) => documents.split(' '),
);

const commands = TYPED.flatMap((path) => stepsOf(read(path)).filter((step) => step.kind === 'command'));

test('README.md and what it leads operators to are typed', (t) => {
  t.deepEqual(TYPED, ['README.md', 'docs/service.md', 'docs/access.md', 'docs/debian.md']);
});

test('stepsOf() reads commands, settings, what is edited, and tables of what to type', (t) => {
  const page = [
    '```',
    'one # says it',
    '# a comment',
    'two \\',
    '  more &&',
    '  three',
    '```',
    '```ini /etc/x.conf',
    'a = b',
    '```',
    '```ini',
    'c = d',
    '```',
    '```text',
    'no',
    '```',
    '```',
    '# systemctl edit x',
    '[Service]',
    '```',
    '| client | what to type |',
    '|---|---|',
    '| curl | `curl http://x/` asks, or `curl y z` |',
    '| Firefox | SOCKS v5, `network` |',
  ].join('\n');
  t.deepEqual(
    stepsOf(page).map(({ line, text }) => [line, text]),
    [
      [2, 'one # says it'],
      [6, 'two \\\n  more &&\n  three'],
      [9, 'a = b'],
      [18, '[Service]\n'],
      [23, 'curl http://x/'],
    ],
  );
  t.is((stepsOf(page)[0] as { said: string }).said, 'says it');
  t.throws(() => stepsOf('```\nno end'), { message: /line 1: the block does not end/ });
});

for (const [name, exceptions] of Object.entries({ UNTYPED, STAYING, BEFORE })) {
  for (const { matches } of exceptions) {
    test(`${name} is about a command that stands in a document: ${matches.source}`, (t) => {
      t.true(commands.some(({ text }) => matches.test(text)));
    });
  }
}

test('few commands are not typed, and each for a reason', (t) => {
  const left = commands.filter(({ text }) => UNTYPED.some(({ matches }) => matches.test(text)));
  t.true(left.length < commands.length / 3, `${left.length} of ${commands.length}`);
  for (const { because } of UNTYPED) t.true(because.length > 4);
});

test('a terminal tells how a command ended, what it showed, and whether it asked for a password', async (t) => {
  const terminal = new Terminal('/');
  t.teardown(() => terminal.close());
  t.like(await terminal.type("cd /tmp; echo 'it''s' # so", 'x'), { status: 0, prompts: 0 });
  t.like(await terminal.type('pwd; (exit 7)', 'x'), { status: 7 });
  const asked = await terminal.type(
    'read -rsp "New password for me: " a; read -rsp "Once more: " b; echo "$PWD <$a$b>"',
    'one',
  );
  t.is(asked.prompts, 2);
  t.regex(asked.output, /\/tmp <oneone>/);
  await terminal.begin("sh -c 'echo begun; exec sleep 600'", /begun/);
  await terminal.interrupt();
  t.like(await terminal.type('true', 'x'), { status: 0 });
});

test('README.md is one page of an operator: one account, no more than 120 lines, nothing that needs luck', (t) => {
  const page = read('README.md');
  t.true(page.split('\n').length <= 121);
  t.notRegex(page, /pkill|killall|nobody -g|socks5h:\/\/\w+@/);
  t.regex(page, /<!-- chart -->\n```text\n[^`]*picosocks5 +█/);
  for (const client of ['curl', 'git', 'apt', 'torsocks', 'Java', 'ssh', 'Firefox'])
    t.regex(page, new RegExp(`^\\| ${client}`, 'm'));
});
