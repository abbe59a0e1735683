import test from 'ava';
import fc from 'fast-check';
import { parseCidr, parseIp, type Cidr } from '../../src/base/ip.ts';
import { decodeAnswer, encodeAnswer, type ControlAnswer } from '../../src/control/controlanswer.ts';
import {
  CONTROL_COMMANDS,
  decodeControlRequest,
  encodeControlRequest,
  LOG_LEVELS,
  MAX_REQUEST_BYTES,
  SORT_KEYS,
  type ControlRequest,
} from '../../src/control/controlmessage.ts';

const name = fc.string({ unit: 'binary', maxLength: 255 });
const ip = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseIp(text)!);
const block = fc
  .oneof(fc.tuple(fc.ipV4(), fc.nat(32)), fc.tuple(fc.ipV6(), fc.nat(95)))
  .map(([address, bits]) => parseCidr(`${address}/${bits}`)!);
const bannable = block.filter(({ bits }) => bits > 0);
const id = fc.integer({ min: 1 });
const perhaps = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const selection = fc.record({ id: perhaps(id), user: perhaps(name), client: perhaps(block) });
const named = selection.filter((of) => Object.values(of).some((each) => each !== undefined));

const requests: fc.Arbitrary<ControlRequest> = fc.oneof(
  fc.constantFrom('status', 'bans', 'reload', 'drain').map((command) => ({ command }) as const),
  fc.record({
    command: fc.constant('sessions' as const),
    of: selection,
    sort: fc.constantFrom(...SORT_KEYS),
    limit: fc.integer({ min: 1, max: 10_000 }),
  }),
  fc.record({ command: fc.constant('kick' as const), of: named }),
  fc.record({
    command: fc.constant('ban' as const),
    client: bannable,
    seconds: fc.integer({ min: 1, max: 100_000 }),
  }),
  fc.record({
    command: fc.constant('unban' as const),
    who: fc.oneof(
      block.map((client) => ({ kind: 'client' as const, block: client })),
      name.map((user) => ({ kind: 'user' as const, name: user })),
    ),
  }),
  fc.record({ command: fc.constant('forget' as const), client: ip }),
  fc.record({ command: fc.constant('loglevel' as const), level: fc.constantFrom(...LOG_LEVELS) }),
);

/** Bytes of blocks compare by value. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, each: unknown) =>
      (key === 'client' || key === 'block') && typeof each === 'object'
        ? [...(each as Cidr).base, (each as Cidr).bits]
        : each,
    ),
  );

test('a request reads back as it was written, on one line', (t) => {
  fc.assert(
    fc.property(requests, (request) => {
      const line = encodeControlRequest(request);
      t.is(line.indexOf('\n'), line.length - 1);
      const decoded = decodeControlRequest(line.slice(0, -1));
      t.deepEqual(plain(decoded), plain({ kind: 'value', value: request }));
    }),
  );
});

test('no text and no JSON makes the decoders throw', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), requests.map(encodeControlRequest), deformed()), (line) => {
      t.true(['value', 'wrong'].includes(decodeControlRequest(line).kind));
      for (const command of CONTROL_COMMANDS) {
        t.true(['value', 'wrong'].includes(decodeAnswer(command, line).kind));
      }
    }),
  );
});

/** Objects that look like requests, with values of the wrong kind. */
function deformed(): fc.Arbitrary<string> {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('127.0.0.1', 1, -1, 1e99, '__proto__'));
  const fields = fc.constantFrom(
    'id',
    'user',
    'client',
    'sort',
    'limit',
    'seconds',
    'level',
    '__proto__',
    'toString',
  );
  return fc
    .tuple(fc.constantFrom(...CONTROL_COMMANDS, 'toString'), fc.dictionary(fields, odd))
    .map(([command, rest]) => JSON.stringify({ version: 1, command, ...rest }));
}

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['', /not JSON/],
  ['[]', /not an object/],
  ['{"command":"status"}', /speaks version 1/],
  ['{"version":2,"command":"status"}', /speaks version 1/],
  ['{"version":1}', /command: undefined is not status/],
  ['{"version":1,"command":"toString"}', /"toString" is not status, /],
  ['{"version":1,"command":"status","id":1}', /unknown field "id"/],
  ['{"version":1,"command":"kick"}', /needs an id, a user or a client/],
  ['{"version":1,"command":"kick","id":0}', /id: not from 1/],
  ['{"version":1,"command":"kick","id":1.5}', /not a whole number/],
  ['{"version":1,"command":"kick","usr":"ann"}', /unknown field "usr"/],
  ['{"version":1,"command":"kick","client":"10.0.0.0/33"}', /neither an IP address/],
  ['{"version":1,"command":"ban","client":"0.0.0.0/0"}', /every address of a family/],
  ['{"version":1,"command":"ban","client":"10.0.0.1","seconds":0}', /seconds: not from 1/],
  ['{"version":1,"command":"unban","client":"10.0.0.1","user":"ann"}', /either a client or a user/],
  ['{"version":1,"command":"unban"}', /either a client or a user/],
  ['{"version":1,"command":"loglevel","level":"loud"}', /"loud" is not err, /],
  ['{"version":1,"command":"sessions","limit":10001}', /limit: not from 1 to 10000/],
  [`{"version":1,"command":"status"${' '.repeat(MAX_REQUEST_BYTES)}}`, /over 4096 bytes/],
];

test('what is wrong with a request is said', (t) => {
  for (const [line, why] of WRONG) {
    const decoded = decodeControlRequest(line);
    t.is(decoded.kind, 'wrong', line);
    if (decoded.kind === 'wrong') t.regex(decoded.why, why);
  }
});

test('what a request leaves out has a default', (t) => {
  const value = (line: string) => {
    const decoded = decodeControlRequest(line);
    return decoded.kind === 'value' ? decoded.value : t.fail(decoded.why);
  };
  t.like(value('{"version":1,"command":"sessions"}'), { sort: 'id', limit: 1000 });
  t.like(value('{"version":1,"command":"ban","client":"10.0.0.1"}'), { seconds: 3600 });
});

const ANSWERS: readonly ControlAnswer[] = [
  { ok: false, code: 'busy', message: 'later' },
  { ok: true, command: 'kick', kicked: 3 },
  { ok: true, command: 'ban', name: '10.0.0.1', seconds: 60, live: 2, exempt: false },
  {
    ok: true,
    command: 'ban',
    name: '10.0.0.0/8',
    seconds: 60,
    live: 2,
    exempt: false,
    spared: ['10.0.0.1/32'],
  },
  { ok: true, command: 'unban', kind: 'user', name: 'ann', unbanned: false },
  { ok: true, command: 'unban', kind: 'client', name: '10.0.0.1', unbanned: false, within: ['10.0.0.0/8'] },
  { ok: true, command: 'forget', name: '10.0.0.1', known: true },
  { ok: true, command: 'bans', bans: [{ kind: 'client', name: '2001:db8::/64', secondsLeft: 5 }] },
  { ok: true, command: 'drain', sessions: 1, seconds: 30 },
  { ok: true, command: 'loglevel', level: 'debug' },
];

test('an answer reads back as it was written, without fields that a later version adds', (t) => {
  for (const answer of ANSWERS) {
    const line = encodeAnswer(answer).trimEnd();
    const command = answer.ok ? answer.command : 'status';
    const later = JSON.stringify({ ...(JSON.parse(line) as object), added: true });
    for (const each of [line, later])
      t.deepEqual(decodeAnswer(command, each), { kind: 'value', value: answer });
  }
});

test('an answer without what belongs in it is not believed', (t) => {
  for (const line of [
    '{}',
    '{"version":1,"ok":true}',
    '{"version":1,"ok":true,"kicked":"3"}',
    '{"version":3,"ok":true}',
  ]) {
    t.is(decodeAnswer('kick', line).kind, 'wrong', line);
  }
});
