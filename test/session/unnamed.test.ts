// Clients from outside, which no test on loopback can be: only what unnamed.ts asks about is there.
import test from 'ava';
import { Fault } from '../../src/base/fault.ts';
import { parseCidr } from '../../src/base/ip.ts';
import { ANONYMOUS } from '../../src/policy/identity.ts';
import { admitWithoutLogin } from '../../src/session/login/unnamed.ts';
import { Logins } from '../../src/session/logins.ts';
import type { Handshake } from '../../src/session/session.ts';
import { ip } from '../support/ip.ts';
import { policy, section } from '../support/policy.ts';
import { SNAPSHOT } from '../support/server.ts';

const whitelist = [parseCidr('203.0.113.0/24')!];

/** What a client is told, by its code; undefined: it is let in. */
function verdict(client: string, network?: string): string | undefined {
  const named = network === undefined ? [] : [section('*', { network })];
  const handshake = {
    leg: {},
    session: { client: { ip: ip(client), port: 1 } },
    snapshot: {
      ...SNAPSHOT,
      policy: policy({ hasUsers: true, named }),
      logins: { ...SNAPSHOT.logins, trust: { whitelist, authOnceMs: 0 } },
    },
  } as unknown as Handshake;
  try {
    admitWithoutLogin(handshake, ANONYMOUS, new Logins());
    return undefined;
  } catch (fault) {
    return fault instanceof Fault ? fault.code : 'a bug';
  }
}

test('a whitelisted client from outside may come, unless a rule says no', (t) => {
  t.is(verdict('203.0.113.7'), undefined);
  t.is(verdict('198.51.100.7'), 'CLIENT_NOT_LOCAL');
  t.is(verdict('203.0.113.7', '!203.0.113.7 *'), 'CLIENT_DENIED');
  t.is(verdict('203.0.113.8', '!203.0.113.7 *'), undefined);
});
