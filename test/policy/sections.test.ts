import test from 'ava';
import { ANONYMOUS, type Identity } from '../../src/policy/identity.ts';
import { sectionFor, type Rulebook } from '../../src/policy/sections.ts';
import { policy, section } from '../support/policy.ts';

const GLOBAL = section('', { network: '*', request: 'all:*' });
const STAFF = section('staff', { network: '10.0.0.0/8', request: 'connect:*' });
const RULES = { network: '192.0.2.0/24', request: 'bind:*' };

function user(group: string | undefined): Identity {
  return { kind: 'user', name: 'ann', group };
}

/** Named sections, who asks, and the name of the section that decides. */
const CASES: readonly (readonly [string, Rulebook, Identity, string])[] = [
  ['a group has its own section', book(STAFF), user('staff'), 'staff'],
  ['an unknown group has the global section', book(STAFF), user('guests'), ''],
  ['an unknown group does not fall back to [*]', book(section('*', RULES)), user('guests'), ''],
  ['an anonymous client has [*]', book(section('*', RULES)), ANONYMOUS, '*'],
  ['a user without group has [*]', book(section('*', RULES)), user(undefined), '*'],
  ['an anonymous client has the global section where there is no [*]', book(STAFF), ANONYMOUS, ''],
  ['a user without group has the global section where there is no [*]', book(STAFF), user(undefined), ''],
  ['an empty section asks the global one', book(section('staff')), user('staff'), ''],
  [
    'an empty section asks its base',
    book(STAFF, section('interns', { base: 'staff' })),
    user('interns'),
    'staff',
  ],
  [
    'an empty base is asked for its own base',
    book(STAFF, section('b', { base: 'staff' }), section('a', { base: 'b' })),
    user('a'),
    'staff',
  ],
  ['an unknown base means the global section', book(section('a', { base: 'gone' })), user('a'), ''],
  ['a base of itself means the global section', book(section('a', { base: 'a' })), user('a'), ''],
  [
    'bases in a circle mean the global section',
    book(section('a', { base: 'b' }), section('b', { base: 'a' })),
    user('a'),
    '',
  ],
];

for (const [title, rulebook, identity, expected] of CASES) {
  test(title, (t) => {
    t.is(sectionFor(rulebook, identity, 'network').name, expected);
    t.is(sectionFor(rulebook, identity, 'request').name, expected);
  });
}

test('each list is looked for by itself', (t) => {
  const rulebook = book(STAFF, section('interns', { base: 'staff', request: 'connect:192.0.2.0/24' }));
  t.is(sectionFor(rulebook, user('interns'), 'request').name, 'interns');
  t.is(sectionFor(rulebook, user('interns'), 'network').name, 'staff');
});

function book(...named: ReturnType<typeof section>[]): Rulebook {
  return policy({ rules: GLOBAL, named });
}
