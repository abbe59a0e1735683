import test from 'ava';
import fc from 'fast-check';
import { formatJson, formatText, MAX_RECORD_BYTES, type LogRecord } from '../../src/observe/lines/record.ts';

const KEYS = ['id', 'client', 'user', 'dest', 'why'] as const;
const anyValue = (maxLength: number) =>
  fc.oneof(
    fc.integer(),
    fc.string({ unit: 'binary', maxLength }),
    fc.array(fc.integer({ min: 0, max: 0x7f }), { maxLength }).map((units) => String.fromCharCode(...units)),
    fc.constantFrom('', '=', '" why=forged x="', 'a\n<8>forged', '\\"', '\ud800'),
  );
const anyRecord = (maxLength: number): fc.Arbitrary<LogRecord> =>
  fc.record({
    level: fc.constant('info' as const),
    event: fc.constant('ended'),
    text: fc.oneof(fc.constant(undefined), fc.string({ unit: 'binary', maxLength })),
    fields: fc.dictionary(fc.constantFrom(...KEYS), anyValue(maxLength)),
  });

/** The reader that a log tool would have: `word key=bare key="JSON string"`. Throws on anything else. */
function parseLogfmt(line: string): { event: string; fields: Record<string, string> } {
  const fields: Record<string, string> = {};
  const event = /^[a-z-]+/.exec(line)?.[0] ?? '';
  let rest = line.slice(event.length);
  while (rest !== '') {
    const match = /^ ([a-z]+)=("(?:[^"\\]|\\.)*"|[^\s"=\\]+)/.exec(rest);
    if (match?.[1] === undefined || match[2] === undefined) throw new Error(`not logfmt: ${rest}`);
    fields[match[1]] = match[2].startsWith('"') ? (JSON.parse(match[2]) as string) : match[2];
    rest = rest.slice(match[0].length);
  }
  return { event, fields };
}

function expectedFields(record: LogRecord): Record<string, string> {
  const fields = Object.fromEntries(
    Object.entries(record.fields).map(([key, value]) => [key, String(value)]),
  );
  return record.text === undefined ? fields : { ...fields, text: record.text };
}

test('formatText() writes one line that parses back to the same fields, whatever they hold', (t) => {
  fc.assert(
    fc.property(anyRecord(20), (record) => {
      const line = formatText(record);
      t.notRegex(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
      t.deepEqual(parseLogfmt(line), { event: 'ended', fields: expectedFields(record) });
    }),
  );
});

test('formatJson() writes one line of JSON with the same values', (t) => {
  fc.assert(
    fc.property(anyRecord(20), (record) => {
      const line = formatJson(record, 0, 42);
      t.notRegex(line, /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u);
      const { time, level, event, pid, ...rest } = JSON.parse(line) as Record<string, unknown>;
      t.deepEqual([time, level, event, pid], ['1970-01-01T00:00:00.000Z', 'info', 'ended', 42]);
      const text = record.text === undefined ? {} : { text: record.text };
      t.deepEqual(rest, { ...record.fields, ...text });
    }),
  );
});

test('both forms stay whole and within the limit with values of any length', (t) => {
  fc.assert(
    fc.property(anyRecord(3000), (record) => {
      const text = formatText(record);
      t.true(Buffer.byteLength(text) <= MAX_RECORD_BYTES);
      const { fields } = parseLogfmt(text);
      for (const [key, value] of Object.entries(expectedFields(record))) {
        t.true(value.startsWith(fields[key] ?? ''));
        if (fields[key] !== value) t.is(fields['cut'], 'yes');
      }
      const json = formatJson(record, 0, 42);
      t.true(Buffer.byteLength(json) <= MAX_RECORD_BYTES);
      t.notThrows(() => JSON.parse(json) as unknown);
    }),
  );
});

test('a long value does not push the fields after it out of the record', (t) => {
  const fields = { user: '\0'.repeat(255), dest: 'd'.repeat(253), why: 'LOGIN_FAILED' };
  const line = formatText({ level: 'warn', event: 'login-failed', fields });
  t.regex(line, / user="(\\u0000){166}" dest=d{253} why=LOGIN_FAILED cut=yes$/);
});

test('formatText() quotes only what needs it, leaves undefined out and keeps the order', (t) => {
  const fields = { id: 7, client: '[2001:db8::1]:5000', none: undefined, user: 'a b', empty: '' };
  t.is(
    formatText({ level: 'info', event: 'ended', fields, text: 'x=1' }),
    'ended id=7 client=[2001:db8::1]:5000 user="a b" empty="" text="x=1"',
  );
});
