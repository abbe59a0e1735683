// The text of a sockd.conf as statements.
import test from 'ava';
import fc from 'fast-check';
import { parseStatements, type Statement } from '../../../src/danted/statements.ts';

function show(statement: Statement): string {
  switch (statement.kind) {
    case 'setting':
      return `${statement.field.line} ${statement.field.key}=${statement.field.values.join('|')}`;
    case 'stray':
      return `${statement.line} stray ${statement.text}`;
    case 'block': {
      const inside = statement.fields.map(({ line, key, values }) => `${line} ${key}=${values.join('|')}`);
      return `${statement.line} ${statement.head} {${inside.join('; ')}}`;
    }
  }
}

const CASES: Readonly<Record<string, readonly string[]>> = {
  'internal: eth0 port = 1080': ['1 internal=eth0|port|=|1080'],
  'internal: eth0 port=1080 # the LAN\n\n\nexternal: eth1': [
    '1 internal=eth0|port|=|1080',
    '4 external=eth1',
  ],
  'Timeout.IO: 0': ['1 timeout.io=0'],
  'logoutput: syslog\n  stdout': ['1 logoutput=syslog|stdout'],
  'client pass { from: 0/0 to: 0/0 }': ['1 client pass {1 from=0/0; 1 to=0/0}'],
  'socks block {\n from: 0/0 to: ::/0 port >= 1024\n log: connect\n}': [
    '1 socks block {2 from=0/0; 2 to=::/0|port|>=|1024; 3 log=connect}',
  ],
  'pass{from:10.0.0.0/8 to:fe80::1/10}': ['1 pass {1 from=10.0.0.0/8; 1 to=fe80::1/10}'],
  'route { from: 0/0 to: .a.b via: p.q port = 1\n}\ndebug: 1': [
    '1 route {1 from=0/0; 1 to=.a.b; 1 via=p.q|port|=|1}',
    '3 debug=1',
  ],
  'socksmethod: none client pass { }': ['1 socksmethod=none', '1 client pass {}'],
  'socks pass { from: 0/0\nto: 0/0': ['1 stray socks pass { from: 0/0 to: 0/0'],
  'something else': ['1 stray something else'],
  '}': ['1 stray }'],
  '# nothing': [],
};

for (const [text, expected] of Object.entries(CASES)) {
  test(`parseStatements() reads ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(parseStatements(text).map(show), expected);
  });
}

test('parseStatements() loses no word of any text, and shows no control character', (t) => {
  const letters = fc.constantFrom(
    'a',
    ':',
    '{',
    '}',
    ' ',
    '\n',
    '=',
    '!',
    '<',
    '0',
    '/',
    '\u001b',
    'pass',
    'client',
  );
  fc.assert(
    fc.property(
      fc.array(letters).map((parts) => parts.join('')),
      (text) => {
        const shown = parseStatements(text).map(show).join('\n');
        t.notRegex(shown.replaceAll('\n', ''), /\p{Cc}/u);
        t.is(count(shown, 'a'), count(text, 'a'), JSON.stringify([text, shown]));
      },
    ),
  );
});

/** Of lone letters only: `pass` has an `a`, which stays in the head of a block. */
function count(text: string, letter: string): number {
  return text.replace(/stray/g, '').split(letter).length;
}
