// Policies in tests, with rules as an operator writes them: `!10.0.0.0/8`, `connect:*`, separated by spaces.
import type { Section } from '../../src/config/config.ts';
import type { Parsed } from '../../src/config/parsed.ts';
import { parseNetworkList, parseRequestList } from '../../src/config/patterns.ts';
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
    network: words(text.network).flatMap((word, at) => mustParse(parseNetworkList(word, origin(at)))),
    request: words(text.request).flatMap((word, at) => mustParse(parseRequestList(word, origin(at)))),
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

function words(text = ''): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function origin(at: number) {
  return { file: 'test.conf', line: at + 1 };
}

function mustParse<T>(parsed: Parsed<T>): T {
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}
