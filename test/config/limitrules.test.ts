import test from 'ava';
import fc from 'fast-check';
import type { LimitRule, LimitScope } from '../../src/config/model/limit.ts';
import { LIMIT_KEYS, LIMIT_RULE } from '../../src/config/rules/limitrules.ts';
import { configOf, load, loadFile, problemsOf } from '../support/configuration.ts';

const READING = { origin: { file: 'test.conf', line: 3 }, folder: '/', portOf: () => undefined };
const M = 2 ** 20;
const G = 2 ** 30;

const READ: readonly (readonly [text: string, rule: Omit<LimitRule, 'origin'>])[] = [
  [
    'client sessions=64 rate=20 handshakes=16',
    { scope: 'client', name: undefined, values: { sessions: 64, rate: 20, handshakes: 16 } },
  ],
  [
    'user sessions=10 up=1M down=4M day=10G month=100G duration=8h',
    {
      scope: 'user',
      name: undefined,
      values: { sessions: 10, up: M, down: 4 * M, day: 10 * G, month: 100 * G, duration: 8 * 3_600_000 },
    },
  ],
  ['user:alice down=0', { scope: 'user', name: 'alice', values: { down: 0 } }],
  ['user:a:b=c down=1', { scope: 'user', name: 'a:b=c', values: { down: 1 } }],
  ['group:staff  down=50M', { scope: 'group', name: 'staff', values: { down: 50 * M } }],
  ['total handshakes=512', { scope: 'total', name: undefined, values: { handshakes: 512 } }],
];

for (const [text, rule] of READ) {
  test(`LIMIT_RULE reads "${text}"`, (t) => {
    const parsed = LIMIT_RULE.parse(text, READING);
    t.deepEqual(parsed, { kind: 'value', value: { ...rule, origin: READING.origin } });
  });
}

const WRONG: readonly (readonly [text: string, why: RegExp])[] = [
  ['clients sessions=1', /"clients" is nobody to limit; .*did you mean "client"/],
  ['sessions=1', /"sessions=1" is nobody to limit; begin with total, client, user/],
  ['client', /"client" alone limits nothing; .*"client sessions=10"/],
  ['client:192.0.2.1 sessions=1', /only user and group take a name/],
  ['total:x sessions=1', /only user and group take a name/],
  ['user: sessions=1', /"user:" has no name/],
  ['user session=1', /"session=1" is no limit; .*did you mean "sessions"/],
  ['user sessions', /"sessions" has no value; write sessions=VALUE/],
  ['user sessions=', /sessions: "" is not a count/],
  ['user sessions=-1', /sessions: "-1" is not a count/],
  ['user down=fast', /down: "fast" is not a size/],
  ['user duration=8x', /duration: "8x" is not a time/],
  ['user sessions=1 sessions=2', /sessions stands twice/],
  ['user handshakes=1', /handshakes is for total and client/],
  ['group:staff handshakes=1', /handshakes is for total and client/],
];

for (const [text, why] of WRONG) {
  test(`LIMIT_RULE refuses "${text}"`, (t) => {
    const parsed = LIMIT_RULE.parse(text, READING);
    t.regex(parsed.kind === 'wrong' ? parsed.why : 'it was read', why);
  });
}

const scopes = fc.constantFrom<LimitScope>('total', 'client', 'user', 'group');
const rules = fc
  .record({
    scope: scopes,
    word: fc.option(fc.stringMatching(/^[a-z:=.]{1,8}$/), { nil: undefined }),
    amounts: fc.array(fc.integer({ min: 0, max: 86_400_000 }), { minLength: 8, maxLength: 8 }),
    mask: fc.integer({ min: 1, max: 255 }),
  })
  .map(({ scope, word, amounts, mask }): LimitRule => {
    const isNamed = scope === 'user' || scope === 'group';
    const keys = LIMIT_KEYS.filter((key, at) => (mask >> at) % 2 === 1 && !(isNamed && key === 'handshakes'));
    const values = Object.fromEntries(keys.map((key) => [key, amounts[LIMIT_KEYS.indexOf(key)]!]));
    return { scope, name: isNamed ? word : undefined, values, origin: READING.origin };
  })
  .filter(({ values }) => Object.keys(values).length > 0);

test('LIMIT_RULE reads back what it writes', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(rules, (rule) => {
        t.deepEqual(LIMIT_RULE.parse(LIMIT_RULE.format(rule), READING), { kind: 'value', value: rule });
      }),
    ),
  );
});

test('limits are read from files and from the command line, in order', (t) => {
  const { limits } = configOf(load(['--limit', 'client sessions=20', '--limit=user rate=2']));
  t.deepEqual(
    limits.map((rule) => LIMIT_RULE.format(rule)),
    ['client sessions=20', 'user rate=2'],
  );
  t.deepEqual(configOf(loadFile('limit = user:ann day=1G\n')).limits, [
    { scope: 'user', name: 'ann', values: { day: G }, origin: { file: 'x.conf', line: 1 } },
  ]);
});

test('a bad limit is a problem with its place', (t) => {
  t.deepEqual(problemsOf(loadFile('\nlimit = usr day=1G\n')), [
    'x.conf:2: limit: "usr" is nobody to limit; begin with total, client, user[:NAME] or group[:NAME]; did you mean "user"?',
  ]);
});
