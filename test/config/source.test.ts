import test from 'ava';
import { SOURCE_PLAN } from '../../src/config/routes/source.ts';
import { configOf, load, loadFile, problemsOf } from '../support/configuration.ts';

const READING = { origin: {}, folder: '/', portOf: () => undefined };

/** As written, and as it is written back. */
const PLANS: readonly (readonly [text: string, again: string])[] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1, 192.0.2.2  2001:DB8::1', '192.0.2.1,192.0.2.2,2001:db8::1'],
  ['192.0.2.1+192.0.2.2+random', '192.0.2.1,192.0.2.2,random'],
  ['round-robin 192.0.2.0/30', '192.0.2.0/30,round-robin'],
  ['2001:db8:1::/64 sticky', '2001:db8:1::/64,sticky=10m'],
  ['192.0.2.1,sticky=1h', '192.0.2.1,sticky=1h'],
  ['client', 'client'],
];

test('SOURCE_PLAN reads what it writes', (t) => {
  for (const [text, again] of PLANS) {
    const parsed = SOURCE_PLAN.parse(text, READING);
    if (parsed.kind === 'wrong') return t.fail(`${text}: ${parsed.why}`);
    t.is(SOURCE_PLAN.format(parsed.value), again);
    const back = SOURCE_PLAN.parse(again, READING);
    t.is(back.kind === 'value' && SOURCE_PLAN.format(back.value), again);
  }
});

const CLIENT_ALONE = 'client stands for the one address that the client has connected to; write it alone';

const MISTAKES: readonly (readonly [text: string, why: string])[] = [
  ['client,192.0.2.1', CLIENT_ALONE],
  ['client random', CLIENT_ALONE],
  ['random', 'no address to choose from; write addresses of this host, or client'],
  ['192.0.2.1,random,sticky', '"sticky" stands beside random; write one'],
  ['192.0.2.1 sticky=0', 'sticky: this limit cannot be switched off; write a time over 0'],
  ['::/0', '"::/0" is wider than any host has; write /8 or more'],
  [
    'eth0',
    '"eth0" is not an address; write an IPv4 or IPv6 address of this host without a port, ADDRESS/BITS, or client, and ' +
      'random, round-robin or sticky[=TIME] beside several',
  ],
];

for (const [text, why] of MISTAKES) {
  test(`${text} is no source`, (t) => {
    t.deepEqual(SOURCE_PLAN.parse(text, READING), { kind: 'wrong', why });
  });
}

test('sources of several lines are one pool, of which the last policy holds', (t) => {
  const { rules } = configOf(load(['--source', '192.0.2.1,sticky', '--source=::1', '--source=::2,random']));
  t.is(SOURCE_PLAN.format(rules.source!), '192.0.2.1,::1,::2,random');
  t.deepEqual(problemsOf(load(['--source', '192.0.2.1', '--source', 'client'])), [
    `command line: --source: ${CLIENT_ALONE}`,
  ]);
});

test('a section has a source of its own', (t) => {
  const { rules, sections } = configOf(
    loadFile('source = 192.0.2.1\n[staff]\nsource = 192.0.2.2\n[user ann]\nsource = client'),
  );
  const texts = [rules, ...sections.values()].map(({ source }) => SOURCE_PLAN.format(source!));
  t.deepEqual(texts, ['192.0.2.1', '192.0.2.2', 'client']);
});
