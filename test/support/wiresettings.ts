// What the servers of the wire cases are set to: the words after `with`, and the names that can be resolved.
import { mustBeCidr } from '../../src/base/ip.ts';
import type { Snapshot } from '../../src/session/session.ts';
import type { DnsRecord } from './dns.ts';
import { policy, section } from './policy.ts';
import { routing } from './routes.ts';
import { onlyUser } from './server.ts';
import { fakeTickets } from './tickets.ts';
import type { WireCase } from './wirecases.ts';

/** What each word changes, from left to right. */
const SETTINGS: Readonly<Record<string, (snapshot: Partial<Snapshot>) => Partial<Snapshot>>> = {
  /** alice with the password secret. */
  users: (snapshot) =>
    withPolicy({ ...snapshot, checkLogin: onlyUser('alice', 'secret') }, { hasUsers: true }),
  /** The token "ticket" of GSSAPI is that of alice@REALM. */
  tickets: (snapshot) => withPolicy({ ...snapshot, gssapi: fakeTickets() }, { hasUsers: true }),
  /** Unnamed clients are let in beside users. */
  anonymous: (snapshot) => withPolicy(snapshot, { anonymous: true }),
  /** Every route leads to a proxy that does not listen. */
  proxied: (snapshot) => ({ ...snapshot, routing: routing(['* any 127.0.0.9 9/5']) }),
  /** RESOLVE and RESOLVE_PTR are answered. */
  resolve: (snapshot) => ({ ...snapshot, resolveCommands: true }),
  /** Clients of HTTP are served. */
  http: (snapshot) => ({ ...snapshot, http: {} }),
  /** Clients come through a balancer on 127.0.0.1. */
  balanced: (snapshot) => ({ ...snapshot, proxyProtocol: [mustBeCidr('127.0.0.1/32')] }),
  /** Nothing: the case connects to ::1, and is skipped where there is none. */
  ipv6: (snapshot) => snapshot,
};

/** Everything else does not exist. */
export const WIRE_ZONE: Record<string, DnsRecord> = {
  'four.test': { a: ['192.0.2.4'] },
  'six.test': { aaaa: ['2001:db8::6'] },
  'both.test': { a: ['192.0.2.46'], aaaa: ['2001:db8::46'] },
  'many.test': { a: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] },
  'mapped.test': { aaaa: ['::ffff:192.0.2.64'] },
  'empty.test': {},
  'broken.test': { a: 'servfail', aaaa: 'servfail' },
  'half.test': { a: 'servfail', aaaa: ['2001:db8::5'] },
  'loopback.test': { a: ['127.0.0.1'] },
  'inside.test': { a: ['10.0.0.1'], aaaa: ['2001:db8::10'] },
  '4.2.0.192.in-addr.arpa': { ptr: ['four.test'] },
  '5.2.0.192.in-addr.arpa': { ptr: ['FIVE.test.'] },
  '6.2.0.192.in-addr.arpa': { ptr: ['a\nb.test'] },
  '7.2.0.192.in-addr.arpa': { ptr: 'servfail' },
  '8.2.0.192.in-addr.arpa': { ptr: ['secret.test'] },
  '9.2.0.192.in-addr.arpa': { ptr: [`${'abcd.'.repeat(50)}abc`] },
  '6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa': { ptr: ['six.test'] },
};

/** The snapshot of a case; throws on a word that SETTINGS does not hold. */
export function snapshotOf({ settings, rules, title }: WireCase): Partial<Snapshot> {
  let snapshot: Partial<Snapshot> = { policy: policy({ rules: section('', { request: rules }) }) };
  for (const word of settings) {
    const change = SETTINGS[word];
    if (change === undefined) throw new Error(`${title}: unknown setting ${word}`);
    snapshot = change(snapshot);
  }
  return snapshot;
}

function withPolicy(snapshot: Partial<Snapshot>, changes: Partial<Snapshot['policy']>): Partial<Snapshot> {
  return { ...snapshot, policy: { ...(snapshot.policy ?? policy()), ...changes } };
}
