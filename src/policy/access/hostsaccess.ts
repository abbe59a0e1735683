// Decides on a client by hosts.allow and hosts.deny (hosts_access(5)): a matching line of hosts.allow admits, then one of
// hosts.deny refuses, and a client without a matching line may come in. Its name is looked up only when it decides.
import { ipToBytes, unmapIp, type Ip } from '../../base/ip.ts';
import { cidrHolds } from '../../base/zoned.ts';
import type { ClientList, HostsRule } from '../../config/hosts/hostsaccess.ts';
import type { ClientPattern } from '../../config/hosts/hostspattern.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import { ALLOW, deny, type Ruling } from '../rules/ruling.ts';

/** The state of the name of a client; `unnamed`: it has none that resolves back to its address. */
export type Naming =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'unnamed' }
  /** Lower case, no trailing dot. */
  | { readonly kind: 'named'; readonly name: string };

/** `ask-name`: the answer depends on the client's name. */
export type HostsAnswer = Ruling | 'ask-name';

export interface HostsAccess {
  decide(client: Ip, naming: Naming): HostsAnswer;
}

/** `rules` are those of hosts.allow, then those of hosts.deny. Never `ask-name` once the name was asked for. */
export function decideByHosts(rules: readonly HostsRule[], client: Ip, naming: Naming): HostsAnswer {
  const asked: HostsQuestion = { client, bytes: ipToBytes(unmapIp(client)), naming };
  for (const { verdict, clients, origin, text } of rules) {
    const match = matchList(clients, asked);
    if (match === 'unknown') return 'ask-name';
    if (match === 'yes') {
      return verdict === 'allow' ? ALLOW : deny('CLIENT_DENIED', `${text} (${formatOrigin(origin)})`);
    }
  }
  return ALLOW;
}

interface HostsQuestion {
  readonly client: Ip;
  readonly bytes: Uint8Array;
  readonly naming: Naming;
}

type Match = 'yes' | 'no' | 'unknown';

function matchList({ patterns, except }: ClientList, asked: HostsQuestion): Match {
  const matches = patterns.map((pattern) => matchPattern(pattern, asked));
  const listed = matches.includes('yes') ? 'yes' : matches.includes('unknown') ? 'unknown' : 'no';
  if (except === undefined || listed === 'no') return listed;
  const excepted = matchList(except, asked);
  if (excepted === 'yes') return 'no';
  return excepted === 'no' ? listed : 'unknown';
}

function matchPattern(pattern: ClientPattern, { client, bytes, naming }: HostsQuestion): Match {
  switch (pattern.kind) {
    case 'all':
      return 'yes';
    case 'block':
      return cidrHolds(pattern.block, client, bytes) ? 'yes' : 'no';
    case 'local':
      return matchName(naming, (name) => !name.includes('.'));
    case 'name':
      return matchName(naming, (name) => name === pattern.name);
    case 'suffix':
      return matchName(naming, (name) => name.endsWith(pattern.suffix));
  }
}

function matchName(naming: Naming, isMeant: (name: string) => boolean): Match {
  if (naming.kind === 'unasked') return 'unknown';
  return naming.kind === 'named' && isMeant(naming.name) ? 'yes' : 'no';
}
