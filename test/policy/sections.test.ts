// Which list decides about whom. Each section denies with a rule of its own name, so that the answer tells.
import test from 'ava';
import { ANONYMOUS, type Identity } from '../../src/policy/identity.ts';
import { admitIdentity, admitRequest } from '../../src/policy/rules/rules.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';

const CLIENT = ip('10.0.0.1');
const TARGET = ip('192.0.2.1');
const RULES = { network: '!10.0.0.1', request: '!all:192.0.2.1' };
const GLOBAL = section('', RULES);
const STAFF = section('staff', RULES);

type Named = readonly ReturnType<typeof section>[];

function user(group: string | undefined, name = 'ann'): Identity {
  return { kind: 'user', name, group };
}

/** Name of the section whose network and request rules denied, '' for the global one. */
function deciders(named: Named, identity: Identity): string[] {
  const book = policy({ rules: GLOBAL, named });
  const destination = { kind: 'ip', ip: TARGET, port: 80 } as const;
  const asking = { identity, client: CLIENT, command: 'connect', destination } as const;
  return [admitIdentity(book, identity, CLIENT), admitRequest(book, asking, TARGET)].map(
    (ruling) => / of \[(.*)\] \(/.exec(ruling.rule ?? '')?.[1] ?? '',
  );
}

/** Named sections, who asks, and the name of the section that decides. */
const CASES: readonly (readonly [string, Named, Identity, string])[] = [
  ['a group has its own section', [STAFF], user('staff'), 'staff'],
  ['an unknown group has the global section', [STAFF], user('guests'), ''],
  ['an unknown group does not fall back to [*]', [section('*', RULES)], user('guests'), ''],
  ['an anonymous client has [*]', [section('*', RULES)], ANONYMOUS, '*'],
  ['a user without group has [*]', [section('*', RULES)], user(undefined), '*'],
  ['an anonymous client has the global section where there is no [*]', [STAFF], ANONYMOUS, ''],
  ['a user without group has the global section where there is no [*]', [STAFF], user(undefined), ''],
  ['an empty section asks the global one', [section('staff')], user('staff'), ''],
  ['an empty section asks its base', [STAFF, section('a', { base: 'staff' })], user('a'), 'staff'],
  [
    'an empty base is asked for its own base',
    [STAFF, section('b', { base: 'staff' }), section('a', { base: 'b' })],
    user('a'),
    'staff',
  ],
  ['an unknown base means the global section', [section('a', { base: 'gone' })], user('a'), ''],
  ['a base of itself means the global section', [section('a', { base: 'a' })], user('a'), ''],
  [
    'bases in a circle mean the global section',
    [section('a', { base: 'b' }), section('b', { base: 'a' })],
    user('a'),
    '',
  ],
  [
    'the section of a user goes before that of the group',
    [STAFF, section('user ann', RULES)],
    user('staff'),
    'user ann',
  ],
  [
    'the section of one user is not that of another',
    [STAFF, section('user ann', RULES)],
    user('staff', 'bob'),
    'staff',
  ],
  ['names of users are compared whole', [section('user an', RULES)], user(undefined), ''],
  ['names of users are compared by case', [section('user Ann', RULES)], user(undefined), ''],
  ['an empty section of a user asks that of the group', [STAFF, section('user ann')], user('staff'), 'staff'],
  ['an empty section of a user asks [*]', [section('*', RULES), section('user ann')], user(undefined), '*'],
  ['an empty section of a user asks the global one at last', [section('user ann')], user('x'), ''],
  [
    'the base of a user goes before the group',
    [STAFF, section('strict', RULES), section('user ann', { base: 'strict' })],
    user('staff'),
    'strict',
  ],
  ['no group selects the section of a user', [section('user ann', RULES)], user('user ann', 'bob'), ''],
  ['an anonymous client has no section of a user', [section('user *', RULES)], ANONYMOUS, ''],
];

for (const [title, named, identity, expected] of CASES) {
  test(title, (t) => {
    t.deepEqual(deciders(named, identity), [expected, expected]);
  });
}

test('each list is looked for by itself', (t) => {
  const interns = section('interns', { base: 'staff', request: '!connect:192.0.2.0/24' });
  t.deepEqual(deciders([STAFF, interns], user('interns')), ['staff', 'interns']);
  const ann = section('user ann', { network: '!10.0.0.0/8' });
  t.deepEqual(deciders([STAFF, ann], user('staff')), ['user ann', 'staff']);
});
