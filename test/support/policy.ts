// Policies in tests, with rules as an operator writes them: `!10.0.0.0/8`, `connect:*:25 user=ann`, separated by spaces.
import type { Section } from '../../src/config/model/config.ts';
import { SOURCE_PLAN } from '../../src/config/routes/source.ts';
import { parseNetworkList, parseRequestList } from '../../src/config/rules/patterns.ts';
import type { Parsed } from '../../src/config/values/parsed.ts';
import { compilePolicy, type Policy } from '../../src/policy/rules/policy.ts';
import { hereAt } from './here.ts';

interface SectionText {
  readonly base?: string;
  readonly network?: string;
  readonly request?: string;
  readonly source?: string;
}

/** A section whose rules stand at `test.conf`, line 1 upwards in each list. */
export function section(name: string, text: SectionText = {}): Section {
  return {
    name,
    base: text.base,
    network: words(text.network).flatMap((word, at) => mustParse(parseNetworkList(word, origin(at)))),
    request: words(text.request).flatMap((word, at) =>
      mustParse(parseRequestList(word, { origin: origin(at), portOf })),
    ),
    source:
      text.source === undefined
        ? undefined
        : mustParse(SOURCE_PLAN.parse(text.source, { origin: origin(0), folder: '/', portOf })),
  };
}

/** A policy without users and rules on a host without addresses, except for what is given. */
export function policy(
  given: Partial<Parameters<typeof compilePolicy>[0]> & { readonly named?: readonly Section[] } = {},
): Policy {
  const { named = [], ...fields } = given;
  return compilePolicy({
    rules: section(''),
    sections: new Map(named.map((each) => [each.name, each])),
    hasUsers: false,
    anonymous: false,
    here: hereAt(),
    now: () => new Date(0),
    ...fields,
  });
}

/** A word `KEY=VALUE` is a condition of the rule before it. */
function words(text = ''): string[] {
  return text.split(/ +(?![a-z]+=)/).filter((word) => word !== '');
}

function portOf(service: string): number | undefined {
  return service === 'smtp' ? 25 : undefined;
}

function origin(at: number) {
  return { file: 'test.conf', line: at + 1 };
}

function mustParse<T>(parsed: Parsed<T>): T {
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}
