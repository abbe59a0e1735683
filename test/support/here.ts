// Hosts with given addresses, in the place of what a kernel says.
import type { Ip } from '../../src/base/ip.ts';
import { hereOf, type Here, type HereSetting, type Own } from '../../src/policy/rules/here.ts';
import { ip } from './ip.ts';

export function ownOf(addresses: () => ReadonlySet<Ip>): Own {
  return { delivers: (each) => addresses().has(each), listed: addresses };
}

/** A host that has these addresses, and nothing else that is configured. */
export function hereAt(...addresses: readonly string[]): Here {
  const own = new Set(addresses.map(ip));
  return hereWith(ownOf(() => own));
}

/** What `own` says, with a configuration that says no more than `given`. */
export function hereWith(own: Own, given: Partial<HereSetting> = {}): Here {
  return hereOf(own, {
    rules: { source: undefined },
    sections: new Map(),
    routes: [],
    path: {},
    publicAddress: [],
    carriers: () => [],
    ...given,
  });
}
