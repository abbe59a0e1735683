import test from 'ava';
import fc from 'fast-check';
import {
  decodeSquidAnswer,
  decodeSquidChannelAnswer,
  encodeSquidQuestion,
  MAX_ANSWER_BYTES,
  MAX_GROUPS,
  type SquidAnswer,
} from '../../../src/protocol/logins/squidlines.ts';
import { asksForMore, ignoresSplits, neverThrows, roundTrips } from '../../support/codec.ts';

/** As a careful program writes it: every value in quotes. */
function encode({ channel, verdict, user, groups, message, ttl }: SquidAnswer): Uint8Array {
  const word = { yes: 'OK', no: 'ERR', unable: 'BH' }[verdict];
  const pairs = [
    ...(user === undefined ? [] : [['user', user]]),
    ...groups.map((group) => ['group', group]),
    ...(message === undefined ? [] : [['message', message]]),
    ...(ttl === undefined ? [] : [['ttl', String(ttl)]]),
  ];
  const quoted = pairs.map(([key, value = '']) => ` ${key}="${value.replace(/["\\]/g, '\\$&')}"`);
  return Buffer.from(`${channel === undefined ? '' : `${channel} `}${word}${quoted.join('')}\n`, 'latin1');
}

const value = fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) =>
  Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\r\n]/g, '.'),
);
const fields = {
  verdict: fc.constantFrom('yes' as const, 'no' as const, 'unable' as const),
  groups: fc.array(value, { maxLength: 4 }),
  user: value,
  message: value,
  ttl: fc.nat(999_999_999),
};
const options = {
  noNullPrototype: true,
  requiredKeys: ['channel', 'verdict', 'groups'] as ('channel' | 'verdict' | 'groups')[],
};
const plain = fc.record({ channel: fc.constant(undefined), ...fields }, options) as fc.Arbitrary<SquidAnswer>;
const numbered = fc.record({ channel: fc.nat(999_999), ...fields }, options) as fc.Arbitrary<SquidAnswer>;

for (const [name, decode, answers] of [
  ['decodeSquidAnswer', decodeSquidAnswer, plain],
  ['decodeSquidChannelAnswer', decodeSquidChannelAnswer, numbered],
] as const) {
  test(`${name}() asks for more on every prefix`, (t) => asksForMore(t, decode, answers.map(encode)));
  test(`${name}() reads back what was written`, (t) => roundTrips<SquidAnswer>(t, decode, answers, encode));
  test(`${name}() never throws`, (t) => neverThrows(t, decode));
  test(`${name}() does not care how the bytes come`, (t) => ignoresSplits(t, decode, answers.map(encode)));
}

/** Lines of real programs, and what they mean. */
const LINES: readonly (readonly [line: string, meaning: Partial<SquidAnswer>])[] = [
  ['OK', { verdict: 'yes', groups: [] }],
  ['OK ', { verdict: 'yes', groups: [] }],
  ['OK \r', { verdict: 'yes', groups: [] }],
  ['ERR Wrong password', { verdict: 'no', message: 'Wrong password' }],
  ['ERR No response from RADIUS server', { verdict: 'no', message: 'No response from RADIUS server' }],
  ['BH Success', { verdict: 'unable', message: 'Success' }],
  ['OK user=bob%20b group=staff group=ops', { verdict: 'yes', user: 'bob b', groups: ['staff', 'ops'] }],
  ['OK user="b\\"o\\\\b" ttl=30 note_=x', { verdict: 'yes', user: 'b"o\\b', ttl: 30 }],
  ['OK group= ttl=soon user=', { verdict: 'yes', groups: [] }],
  ['ERR message="locked out" log=x', { verdict: 'no', message: 'locked out' }],
];

for (const [line, meaning] of LINES) {
  test(`decodeSquidAnswer() understands ${JSON.stringify(line)}`, (t) => {
    const decoded = decodeSquidAnswer(Buffer.from(`${line}\n`));
    t.like(decoded, { kind: 'done', size: line.length + 1, value: meaning });
    t.is(decoded.kind === 'done' ? decoded.value.user : '', meaning.user);
    t.is(decoded.kind === 'done' ? decoded.value.ttl : 0, meaning.ttl);
  });
}

test('what is no answer is bad, and so is one without an end', (t) => {
  for (const line of ['', 'TT', 'ok', 'OKAY', 'OK\tx', ' OK', '1 OK'])
    t.is(decodeSquidAnswer(Buffer.from(`${line}\n`)).kind, 'bad', line);
  for (const line of ['OK', 'x OK', '1OK', '12345678901 OK', '-1 OK'])
    t.is(decodeSquidChannelAnswer(Buffer.from(`${line}\n`)).kind, 'bad', line);
  t.is(decodeSquidAnswer(Buffer.alloc(MAX_ANSWER_BYTES - 1, 'O')).kind, 'more');
  t.is(decodeSquidAnswer(Buffer.alloc(MAX_ANSWER_BYTES, 'O')).kind, 'bad');
  t.is(
    decodeSquidAnswer(Buffer.concat([Buffer.alloc(MAX_ANSWER_BYTES, 'O'), Buffer.from('\n')])).kind,
    'bad',
  );
});

test('a thousand groups are cut', (t) => {
  const decoded = decodeSquidAnswer(Buffer.from(`OK${' group=g'.repeat(1000)}\n`));
  t.is(decoded.kind === 'done' && decoded.value.groups.length, MAX_GROUPS);
});

test('encodeSquidQuestion() escapes what could end a word or a line, as squid does', (t) => {
  const bytes = encodeSquidQuestion({
    channel: undefined,
    user: Buffer.from('ok we\tird+=/:'),
    password: Buffer.from('pa"ss%25\\ü\n\r\u007f'),
  });
  t.is(Buffer.from(bytes).toString(), 'ok%20we%09ird+=/: pa%22ss%2525%5C%C3%BC%0A%0D%7F\n');
  const numbered = encodeSquidQuestion({ channel: 7, user: Buffer.from('a'), password: Buffer.from('b') });
  t.is(Buffer.from(numbered).toString(), '7 a b\n');
});

test('whatever the bytes, a question is one line of words, and its escapes give them back', (t) => {
  const field = fc.uint8Array({ minLength: 1, maxLength: 255 });
  fc.assert(
    fc.property(field, field, (user, password) => {
      const line = Buffer.from(encodeSquidQuestion({ channel: undefined, user, password })).toString(
        'latin1',
      );
      t.regex(line, /^[!-~]+ [!-~]+\n$/);
      const words = line
        .trim()
        .split(' ')
        .map((word) =>
          Buffer.from(
            word.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
            'latin1',
          ),
        );
      t.deepEqual(words, [Buffer.from(user), Buffer.from(password)]);
    }),
  );
});
