// The lists of `network` and `request` rules. Names are not looked up here: a rule must mean the same at every
// start, whatever a name server says, so a rule holds addresses.
import { parseCidr, type Cidr } from '../base/ip.ts';
import type { NetworkRule, Origin, RequestCommand, RequestRule } from './config.ts';
import { isName } from './hostport.ts';
import { oneOf, quote, value, wrong, type Parsed } from './parsed.ts';
import { didYouMean } from './suggest.ts';

const COMMANDS: readonly RequestCommand[] = ['connect', 'bind', 'assoc', 'resolve', 'all'];

/** What every rule has, before its command. */
type Pattern = Pick<NetworkRule, 'verdict' | 'cidr' | 'text'>;

/** Reads `[!]ADDRESS[/BITS],...` or `*`; the reason names the first item that is wrong. */
export function parseNetworkList(text: string, origin: Origin): Parsed<readonly NetworkRule[]> {
  return parseList(text, (item) => {
    const { verdict, rest } = readVerdict(item);
    const cidr = parseBlock(rest);
    return cidr.kind === 'wrong' ? cidr : value({ verdict, cidr: cidr.value, origin, text: item });
  });
}

/** Reads `[!]COMMAND:DESTINATION,...`; a destination is `ADDRESS[/BITS]` or `*`. */
export function parseRequestList(text: string, origin: Origin): Parsed<readonly RequestRule[]> {
  return parseList(text, (item) => {
    const { verdict, rest } = readVerdict(item);
    const colon = rest.indexOf(':');
    const word = colon < 0 ? rest : rest.slice(0, colon);
    const command = COMMANDS.find((known) => known === word);
    if (colon < 0 || command === undefined) return wrong(commandWanted(item, word));
    const cidr = parseBlock(rest.slice(colon + 1));
    return cidr.kind === 'wrong' ? cidr : value({ verdict, command, cidr: cidr.value, origin, text: item });
  });
}

function parseList<T extends Pattern>(
  text: string,
  parseItem: (item: string) => Parsed<T>,
): Parsed<readonly T[]> {
  const rules: T[] = [];
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
  const cidr = parseCidr(text);
  if (cidr !== undefined) return value(cidr.bits === 0 ? undefined : cidr);
  if (text === '') return wrong('an item is empty; write ADDRESS, ADDRESS/BITS or *');
  if (isName(text)) return wrong(`${quote(text)} is a name, and rules are not looked up; write its address`);
  return wrong(`${quote(text)} is not ADDRESS, ADDRESS/BITS or *`);
}

function commandWanted(item: string, word: string): string {
  const form = `write COMMAND:DESTINATION with the command ${oneOf(COMMANDS)}`;
  return `${quote(item)} does not name a command; ${form}${didYouMean(word, COMMANDS)}`;
}
