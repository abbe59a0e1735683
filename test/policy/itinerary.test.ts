// What sessions rely on beside the decisions, which test/session/itineraries.txt has.
import test from 'ava';
import { checkpointsOf, LOGIN_REQUIRED } from '../../src/policy/itinerary/admission.ts';
import { headingOf, itineraryOf } from '../../src/policy/itinerary/itinerary.ts';
import { ANONYMOUS } from '../../src/policy/identity.ts';
import type { Asking } from '../../src/policy/rules/rules.ts';
import { destinationOf } from '../../src/protocol/address.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';
import { routing } from '../support/routes.ts';

function asking(command: Asking['command'], host: string): Asking {
  return { identity: ANONYMOUS, client: ip('127.0.0.1'), command, destination: destinationOf(host, 80)! };
}

test('itineraryOf() makes nothing for a session where there are no routes', (t) => {
  const rules = policy({ rules: section('', { request: 'all:*' }) });
  const one = itineraryOf(rules, undefined, asking('connect', 'a.test'));
  t.is(one.kind, 'look-up');
  for (const [command, host] of [
    ['connect', 'b.test'],
    ['bind', '192.0.2.1'],
    ['assoc', 'a.test'],
    ['resolve', 'a.test'],
  ] as const) {
    t.is(itineraryOf(rules, undefined, asking(command, host)), one);
  }
});

test('headingOf() knows no route for what follows none, as RESOLVE', (t) => {
  const { table } = routing(['* any 192.0.2.1 1080/5']);
  const { destination } = asking('resolve', 'a.test');
  t.is(headingOf(table, destination, 'tcp').kind, 'remote');
  t.is(headingOf(table, destination, undefined).kind, 'look-up');
});

test('checkpointsOf() asks about the client, then about its login, which trust stands in for', (t) => {
  const client = ip('203.0.113.9');
  const asked = (isTrusted: boolean, changes: Parameters<typeof policy>[0], identity = ANONYMOUS) =>
    checkpointsOf(policy(changes), { client, identity, isTrusted: () => isTrusted }).map(
      ({ question, ruling }) =>
        ruling === LOGIN_REQUIRED
          ? `${question} required`
          : `${question} ${ruling.verdict === 'deny' ? ruling.code : 'allow'}`,
    );
  const user = { kind: 'user' as const, name: 'ann', group: undefined };
  t.deepEqual(asked(false, { hasUsers: true }), ['client allow', 'login required']);
  t.deepEqual(asked(true, { hasUsers: true }), ['client allow', 'login allow']);
  t.deepEqual(asked(false, { hasUsers: true }, user), ['client allow', 'login allow']);
  t.deepEqual(asked(false, { hasUsers: true, anonymous: true }), ['client allow', 'login CLIENT_NOT_LOCAL']);
  t.deepEqual(asked(false, {}), ['client CLIENT_NOT_LOCAL', 'login CLIENT_NOT_LOCAL']);
  const rules = section('', { network: '10.0.0.0/8' });
  t.deepEqual(asked(true, { rules, hasUsers: true }), ['client CLIENT_DENIED', 'login CLIENT_DENIED']);
  const early = checkpointsOf(policy(), { client, identity: undefined, isTrusted: () => true });
  t.deepEqual(
    early.map(({ question }) => question),
    ['client'],
  );
});
