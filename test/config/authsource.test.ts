import test from 'ava';
import { AUTH_SOURCE } from '../../src/config/values/authsource.ts';

const READING = { origin: {}, folder: '/etc', portOf: () => undefined };

const COMMANDS: readonly (readonly [text: string, command: readonly string[]])[] = [
  ['helper:/usr/lib/squid/basic_ncsa_auth /etc/users', ['/usr/lib/squid/basic_ncsa_auth', '/etc/users']],
  ['helper: /bin/x   -a  "two words" "" ', ['/bin/x', '-a', 'two words', '']],
  ['helper:/bin/x "a \\"b\\" \\\\ \\n"', ['/bin/x', 'a "b" \\ \\n']],
  ["helper:/bin/x $(id) `id` ; * %u 'a", ['/bin/x', '$(id)', '`id`', ';', '*', '%u', "'a"]],
];

for (const [text, command] of COMMANDS) {
  test(`${text} is a command without a shell`, (t) => {
    const parsed = AUTH_SOURCE.parse(text, READING);
    t.like(parsed, { kind: 'value', value: { format: 'helper', command } });
    if (parsed.kind === 'wrong') return;
    t.deepEqual(AUTH_SOURCE.parse(AUTH_SOURCE.format(parsed.value), READING), parsed);
  });
}

const REFUSED = ['', 'basic_ncsa_auth', '/bin/x "open', '/bin/x a"b', '/bin/x "a"b'];
for (const rest of REFUSED) {
  test(`helper:${rest} is refused`, (t) => t.is(AUTH_SOURCE.parse(`helper:${rest}`, READING).kind, 'wrong'));
}
