// Who, from where, and when: one rule with conditions, and to whom it applies.
import test from 'ava';
import { ANONYMOUS, type Identity } from '../../src/policy/identity.ts';
import { admitRequest } from '../../src/policy/rules/rules.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';

function user(name: string, group?: string): Identity {
  return { kind: 'user', name, group };
}

function named(userId: string): Identity {
  return { kind: 'anonymous', userId };
}

interface Situation {
  readonly identity: Identity;
  readonly client: string;
  readonly now: Date;
}

const USUAL: Situation = {
  identity: user('ann', 'staff'),
  client: '10.0.0.7',
  now: new Date(2026, 0, 5, 12),
};

function applies(condition: string, changes: Partial<Situation> = {}): boolean {
  const { identity, client, now } = { ...USUAL, ...changes };
  const book = policy({ rules: section('', { request: `connect:* ${condition}` }), now: () => now });
  const to = ip('192.0.2.1');
  const destination = { kind: 'ip', ip: to, port: 80 } as const;
  const asking = { identity, client: ip(client), command: 'connect', destination } as const;
  return admitRequest(book, asking, to).verdict === 'allow';
}

/** Condition, who satisfies it, who does not. */
const IDENTITIES: readonly (readonly [string, readonly Identity[], readonly Identity[]])[] = [
  [
    'user=ann',
    [user('ann'), user('ann', 'x')],
    [user('an'), user('anna'), user('Ann'), ANONYMOUS, named('ann')],
  ],
  ['user=*', [user('ann'), user('*')], [ANONYMOUS, named('ann')]],
  ['user=a*', [user('ann'), user('a')], [user('bann'), user('')]],
  ['user=*-ops', [user('x-ops'), user('-ops')], [user('ops'), user('x-ops-')]],
  ['user=ab*ba', [user('abba'), user('ab-ba')], [user('aba'), user('ab')]],
  ['user=ann user=bob', [user('ann'), user('bob')], [user('eve')]],
  ['group=staff', [user('ann', 'staff')], [user('ann'), user('staff'), user('ann', 'staffs'), ANONYMOUS]],
  ['group=*', [user('ann', 'x')], [user('ann'), ANONYMOUS]],
  ['user=ann group=staff', [user('ann', 'staff')], [user('ann', 'x'), user('bob', 'staff')]],
  ['userid=ann', [named('ann')], [named('bob'), ANONYMOUS, user('ann')]],
  ['userid=*', [named('x')], [ANONYMOUS, user('ann')]],
];

for (const [condition, satisfied, unsatisfied] of IDENTITIES) {
  test(`${condition} asks who it is`, (t) => {
    for (const identity of satisfied) t.true(applies(condition, { identity }), JSON.stringify(identity));
    for (const identity of unsatisfied) t.false(applies(condition, { identity }), JSON.stringify(identity));
  });
}

const CLIENTS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['client=10.0.0.0/30', ['10.0.0.0', '10.0.0.3', '::ffff:10.0.0.1'], ['10.0.0.4', '9.255.255.255', '::1']],
  ['client=10.0.0.2-10.0.1.1', ['10.0.0.2', '10.0.0.255', '10.0.1.1'], ['10.0.0.1', '10.0.1.2']],
  ['client=fd00::/8', ['fd00::1', 'fdff::'], ['fe00::', '10.0.0.1']],
  ['client=fe80::/10', ['fe80::1', 'fe80::1%eth0'], ['fec0::1']],
  ['client=fe80::%eth0/64', ['fe80::1%eth0'], ['fe80::1%eth1', 'fe80::1', 'fe80:1::1%eth0']],
  ['client=10.0.0.1 client=::1', ['10.0.0.1', '::1'], ['10.0.0.2']],
  // Comparison without a sign.
  [
    'client=127.255.255.255-128.0.0.1',
    ['127.255.255.255', '128.0.0.0', '128.0.0.1'],
    ['128.0.0.2', '127.0.0.1'],
  ],
];

for (const [condition, satisfied, unsatisfied] of CLIENTS) {
  test(`${condition} asks from where`, (t) => {
    for (const client of satisfied) t.true(applies(condition, { client }), client);
    for (const client of unsatisfied) t.false(applies(condition, { client }), client);
  });
}

/** 2026-01-04 is a Sunday. */
const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function moment(text: string): Date {
  const [day = '', hour = '', minute = ''] = text.split(/[ :]/);
  return new Date(2026, 0, 4 + WEEK.indexOf(day), Number(hour), Number(minute), 59);
}

const TIMES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['time=08:00-18:00', ['mon 08:00', 'sun 12:00', 'sat 17:59'], ['mon 07:59', 'mon 18:00', 'mon 00:00']],
  ['time=22:00-06:00', ['mon 22:00', 'mon 23:59', 'tue 00:00', 'tue 05:59'], ['mon 21:59', 'mon 06:00']],
  ['time=00:00-24:00', ['mon 00:00', 'mon 23:59'], []],
  ['time=18:00-00:00', ['mon 18:00', 'mon 23:59'], ['tue 00:00', 'mon 17:59']],
  ['time=mon', ['mon 00:00', 'mon 23:59'], ['sun 23:59', 'tue 00:00']],
  ['time=mon-fri@08:00-18:00', ['mon 08:00', 'fri 17:59'], ['sun 12:00', 'sat 12:00', 'fri 18:00']],
  // A night belongs to the day on which it begins.
  ['time=fri@22:00-06:00', ['fri 22:00', 'sat 05:59'], ['fri 05:59', 'sat 22:00', 'sat 06:00', 'fri 21:59']],
  ['time=sat@22:00-06:00', ['sat 22:00', 'sun 05:59'], ['sun 22:00']],
  ['time=fri-mon', ['fri 00:00', 'sun 12:00', 'mon 23:59'], ['tue 00:00', 'thu 23:59']],
  ['time=08:00-09:00 time=sun', ['sun 12:00', 'mon 08:30'], ['mon 12:00']],
];

for (const [condition, satisfied, unsatisfied] of TIMES) {
  test(`${condition} asks when`, (t) => {
    for (const text of satisfied) t.true(applies(condition, { now: moment(text) }), text);
    for (const text of unsatisfied) t.false(applies(condition, { now: moment(text) }), text);
  });
}

test('conditions of different kinds must all hold', (t) => {
  const all = 'user=ann group=staff client=10.0.0.0/8 time=08:00-18:00';
  t.true(applies(all));
  t.false(applies(all, { identity: user('bob', 'staff') }));
  t.false(applies(all, { client: '192.0.2.1' }));
  t.false(applies(all, { now: new Date(2026, 0, 5, 19) }));
});

test('the clock is not asked where no rule has a time', (t) => {
  const now = (): Date => t.fail('asked for the time');
  const book = policy({ rules: section('', { request: 'connect:* user=*' }), now });
  const destination = { kind: 'ip', ip: ip('192.0.2.1'), port: 80 } as const;
  const asking = { identity: user('ann'), client: ip('10.0.0.1'), command: 'connect', destination } as const;
  t.is(admitRequest(book, asking, destination.ip).verdict, 'allow');
});
