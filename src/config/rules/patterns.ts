// The lists of `network` and `request` rules: items with a comma between them, the first that matches decides.
// Nothing is looked up here: a rule must mean the same at every start, whatever a name server says.
import type { Cidr } from '../../base/ip.ts';
import { parseZonedCidr } from '../../base/zoned.ts';
import type { NetworkRule, Origin, RequestCommand, RequestRule } from '../model/config.ts';
import { isName, type PortOf } from '../values/hostport.ts';
import { oneOf, quote, value, wrong, type Parsed } from '../values/parsed.ts';
import { didYouMean } from '../values/suggest.ts';
import { parseConditions } from './conditions.ts';
import { parseTarget } from './places.ts';

const COMMANDS: readonly RequestCommand[] = ['connect', 'bind', 'assoc', 'resolve', 'all'];

/** Reads `[!]ADDRESS[/BITS],...` or `*`; the reason names the first item that is wrong. */
export function parseNetworkList(text: string, origin: Origin): Parsed<readonly NetworkRule[]> {
  return parseList(text, (item) => {
    const { verdict, rest } = readVerdict(item);
    const cidr = parseBlock(rest);
    return cidr.kind === 'wrong' ? cidr : value({ verdict, cidr: cidr.value, origin, text: item });
  });
}

/**
 * Reads `[!]COMMAND:DESTINATION[:PORTS] [CONDITION]...,...` (docs/rules.md); the reason names the first item that is
 * wrong. `portOf` knows the ports that are written by name.
 */
export function parseRequestList(
  text: string,
  { origin, portOf }: { readonly origin: Origin; readonly portOf: PortOf },
): Parsed<readonly RequestRule[]> {
  return parseList(text, (item) => {
    const { verdict, rest } = readVerdict(item);
    const [head = '', ...words] = rest.split(/\s+/);
    // Without a destination it is about all of them, as in the C program.
    const [, word = '', place = '*'] = /^([^:]*)(?::(.*))?$/s.exec(head) ?? [];
    const command = COMMANDS.find((known) => known === word);
    if (command === undefined) return wrong(commandWanted(item, word));
    const target = parseTarget(place, portOf);
    if (target.kind === 'wrong') return target;
    const conditions = parseConditions(words);
    if (conditions.kind === 'wrong') return conditions;
    return value({ verdict, command, ...target.value, conditions: conditions.value, origin, text: item });
  });
}

function parseList<Rule>(text: string, parseItem: (item: string) => Parsed<Rule>): Parsed<readonly Rule[]> {
  const rules: Rule[] = [];
  for (const item of text.split(',')) {
    const rule = parseItem(item.trim());
    if (rule.kind === 'wrong') return rule;
    rules.push(rule.value);
  }
  return value(rules);
}

function readVerdict(item: string): { readonly verdict: NetworkRule['verdict']; readonly rest: string } {
  return item.startsWith('!')
    ? { verdict: 'deny', rest: item.slice(1).trimStart() }
    : { verdict: 'allow', rest: item };
}

/** undefined stands for every address of both families: `*`, and as in the C program every `/0`. */
function parseBlock(text: string): Parsed<Cidr | undefined> {
  if (text === '*') return value(undefined);
  const cidr = parseZonedCidr(text);
  if (cidr !== undefined) return value(cidr.bits === 0 ? undefined : cidr);
  if (text === '') return wrong('an item is empty; write ADDRESS, ADDRESS/BITS or *');
  if (isName(text)) return wrong(`${quote(text)} is a name, and rules are not looked up; write its address`);
  return wrong(`${quote(text)} is not ADDRESS, ADDRESS/BITS or *`);
}

function commandWanted(item: string, word: string): string {
  const form = `write COMMAND:DESTINATION with the command ${oneOf(COMMANDS)}`;
  return `${quote(item)} does not name a command; ${form}${didYouMean(word, COMMANDS)}`;
}
