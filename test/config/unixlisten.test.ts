// Unix sockets as listen addresses.
import test from 'ava';
import { LISTEN_ADDRESS } from '../../src/config/values/listen.ts';
import { PLAIN } from '../../src/embed/given/reading.ts';

const read = (text: string) => LISTEN_ADDRESS.parse(text, PLAIN);

test('a path with its mode and group reads back as it was written', (t) => {
  for (const text of [
    'unix:/run/socks',
    'unix:/run/socks,mode=0660',
    'unix:/run/socks,mode=0666,group=www-data',
    'unix:/run/a,b/c,group=33',
    'unix:/run/mode=1/x',
    `unix:/${'x'.repeat(106)}`,
  ]) {
    const parsed = read(text);
    t.is(parsed.kind === 'value' ? LISTEN_ADDRESS.format(parsed.value) : parsed.why, text);
  }
  t.deepEqual(read('unix:/s,mode=660,group=g'), {
    kind: 'value',
    value: { kind: 'unix', path: '/s', mode: 0o660, group: 'g' },
  });
});

test('what is wrong is said', (t) => {
  for (const [text, why] of [
    [`unix:/${'x'.repeat(107)}`, /too long for a socket: it has 108 bytes, and 107 fit/],
    [`unix:/${'ü'.repeat(54)}`, /109 bytes/],
    ['unix:', /path|empty/],
    ['unix:socks', /does not begin with \//],
    ['unix:@name', /abstract name/],
    ['unix:/run/', /is a folder/],
    ['unix:/s,mode=9', /mode=9 is no mode/],
    ['unix:/s,group=', /group= needs/],
    ['unix:/s,groop=x', /did you mean "group"/],
  ] as const) {
    const parsed = read(text);
    t.regex(parsed.kind === 'wrong' ? parsed.why : 'read', why, text);
  }
});
