// What the process that comes and the one that goes say to each other.
import test from 'ava';
import {
  decodeStep,
  decodeTakeoverAnswer,
  encodeStep,
  encodeTakeoverAnswer,
  isForNow,
} from '../../src/control/takeovermessage.ts';

test('a step reads back, and nothing else is one', (t) => {
  for (const step of ['takeover', 'retire'] as const) t.is(decodeStep(encodeStep(step).trimEnd()), step);
  const others = ['', '{', '{"version":1,"command":"status"}', '{"version":2,"command":"takeover"}', 'null'];
  for (const line of others) t.is(decodeStep(line), undefined, line);
});

test('answers read back, also behind the blank that comes with descriptors', (t) => {
  const bequest = { ok: true, command: 'takeover', pid: 7, listen: ['[::]:1080', '192.0.2.1:1'] } as const;
  const line = ` ${encodeTakeoverAnswer(bequest)}`.trim();
  t.deepEqual(decodeTakeoverAnswer('takeover', line), { kind: 'value', value: bequest });
  const retirement = { ok: true, command: 'retire', sessions: 3, seconds: 0.5 } as const;
  const told = encodeTakeoverAnswer(retirement).trimEnd();
  t.deepEqual(decodeTakeoverAnswer('retire', told), { kind: 'value', value: retirement });
});

test('a refusal says why, and what is no answer says what is wrong with it', (t) => {
  const refused = '{"version":1,"ok":false,"code":"busy","message":"later"}';
  t.deepEqual(decodeTakeoverAnswer('takeover', refused), {
    kind: 'value',
    value: { ok: false, message: 'later' },
  });
  t.true(isForNow(refused));
  for (const code of ['unable', 'not-serving', 'bad-request'])
    t.false(isForNow(refused.replace('busy', code)));
  t.false(isForNow(''));
  for (const [line, why] of [
    ['', /not JSON/],
    ['{"version":9,"ok":true}', /version/],
    ['{"version":1,"ok":true,"pid":0,"listen":[]}', /pid/],
    ['{"version":1,"ok":true,"pid":7,"listen":[1]}', /listen\[0\]/],
  ] as const) {
    const read = decodeTakeoverAnswer('takeover', line);
    t.regex(read.kind === 'wrong' ? read.why : '', why);
  }
});
