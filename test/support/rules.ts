// Rules in tests, written as an operator writes them: `!10.0.0.0/8` and `connect:*`, separated by spaces.
import { parseCidr } from '../../src/base/ip.ts';
import type { NetworkRule, RequestCommand, RequestRule, Section } from '../../src/config/config.ts';
import type { Policy } from '../../src/policy/rules.ts';

interface SectionText {
  readonly base?: string;
  readonly network?: string;
  readonly request?: string;
}

/** A section whose rules stand at `test.conf`, line 1 upwards in each list. */
export function section(name: string, text: SectionText = {}): Section {
  return {
    name,
    base: text.base,
    network: words(text.network).map(networkRule),
    request: words(text.request).map(requestRule),
  };
}

/** A policy without users and rules on a host without addresses, except for what is given. */
export function policy(given: Partial<Policy> & { readonly named?: readonly Section[] } = {}): Policy {
  const { named = [], ...fields } = given;
  return {
    rules: section(''),
    sections: new Map(named.map((each) => [each.name, each])),
    hasUsers: false,
    anonymous: false,
    hostAddresses: () => new Set(),
    ...fields,
  };
}

function networkRule(text: string, at: number): NetworkRule {
  const place = text.replace(/^!/, '');
  const cidr = place === '*' ? undefined : parseCidr(place);
  if (place !== '*' && cidr === undefined) throw new Error(`not a rule: ${text}`);
  return {
    verdict: text.startsWith('!') ? 'deny' : 'allow',
    cidr,
    origin: { file: 'test.conf', line: at + 1 },
    text,
  };
}

function requestRule(text: string, at: number): RequestRule {
  const [, denied = '', command = '', place = ''] = /^(!?)(connect|bind|assoc|all):(.*)$/.exec(text) ?? [];
  return { ...networkRule(denied + place, at), command: command as RequestCommand, text };
}

function words(text = ''): string[] {
  return text.split(' ').filter((word) => word !== '');
}
