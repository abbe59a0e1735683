// Files of tcp_wrappers, /etc/hosts.allow and /etc/hosts.deny (hosts_access(5), hosts_options(5)), as far as they are about this
// daemon. An unsupported word in such a line is an error: ignoring the line would let clients in.
import type { Origin, Problem } from '../model/config.ts';
import { quote } from '../values/parsed.ts';
import { error } from '../values/problem.ts';
import { splitFields, splitHostsLines, splitWords } from './hostslines.ts';
import { parseHostsPattern, type ClientPattern } from './hostspattern.ts';

/** `A B EXCEPT C`: one of the patterns matches, and none of the list after EXCEPT. */
export interface ClientList {
  readonly patterns: readonly ClientPattern[];
  readonly except: ClientList | undefined;
}

export interface HostsRule {
  readonly verdict: 'allow' | 'deny';
  readonly clients: ClientList;
  readonly origin: Origin;
  /** As written, for logs. */
  readonly text: string;
}

export interface HostsRules {
  readonly rules: readonly HostsRule[];
  readonly problems: readonly Problem[];
}

/** How a file is read: the verdict of lines without an option, and the daemon whose lines count. */
interface HostsReading {
  readonly verdict: HostsRule['verdict'];
  /** The name under which this daemon stands in the file. */
  readonly daemon: string;
}

/** Reads a file; never throws. */
export function parseHostsAccess(text: string, file: string, reading: HostsReading): HostsRules {
  const rules: HostsRule[] = [];
  const problems: Problem[] = [];
  for (const line of splitHostsLines(text)) {
    const parsed = parseAccessLine(line.text, reading);
    const origin = { file, line: line.number };
    if (typeof parsed === 'string') problems.push(error(origin, parsed));
    else if (parsed !== undefined) rules.push({ ...parsed, origin, text: line.text.trim() });
  }
  return { rules, problems };
}

type LineRule = Pick<HostsRule, 'verdict' | 'clients'>;

/** undefined when the line is about other daemons; a string is its error. */
function parseAccessLine(line: string, { verdict, daemon }: HostsReading): LineRule | string | undefined {
  const [daemons = '', clients, ...options] = splitFields(line);
  if (clients === undefined) return 'no ":" between daemons and clients';
  const isOurs = namesUs(splitWords(daemons), daemon);
  if (isOurs !== true) return isOurs === false ? undefined : isOurs;
  const list = parseClientList(splitWords(clients));
  if (typeof list === 'string') return list;
  const said = parseOptions(options, verdict);
  return typeof said === 'object' ? { clients: list, verdict: said.verdict } : said;
}

/** Whether a list of daemons has this one; a text is the reason why that is unclear. */
function namesUs(words: readonly string[], daemon: string): boolean | string {
  const [before, after] = splitExcept(words);
  if (before.length === 0) return 'a list of daemons is empty';
  const odd = before.find((word) => isOddDaemon(word, daemon));
  if (odd !== undefined) return `the daemon ${quote(odd)} is not supported; write ${daemon} or ALL`;
  if (!before.some((word) => isDaemon(word, daemon))) return false;
  if (after === undefined) return true;
  const isExcepted = namesUs(after, daemon);
  return typeof isExcepted === 'string' ? isExcepted : !isExcepted;
}

function isDaemon(word: string, daemon: string): boolean {
  return word.toUpperCase() === 'ALL' || word.toLowerCase() === daemon.toLowerCase();
}

/**
 * `picosocks5@192.0.2.1`, which asks for the address of the server, `192.0.2.1_1080`, which srelay goes by as well, and
 * patterns that might mean us.
 */
function isOddDaemon(word: string, daemon: string): boolean {
  const [name = '', server] = word.split('@');
  if (server !== undefined && isDaemon(name, daemon)) return true;
  return word.toUpperCase() === 'KNOWN' || /[*?]|^\d+(\.\d+){3}[._]\d+$/.test(name);
}

function parseClientList(words: readonly string[]): ClientList | string {
  const [before, after] = splitExcept(words);
  if (before.length === 0) return 'a list of clients is empty';
  const patterns: ClientPattern[] = [];
  for (const word of before) {
    const parsed = parseHostsPattern(word);
    if (parsed.kind === 'wrong') return parsed.why;
    patterns.push(parsed.value);
  }
  const except = after === undefined ? undefined : parseClientList(after);
  return typeof except === 'string' ? except : { patterns, except };
}

/** The words before the first EXCEPT, and after it. */
function splitExcept(words: readonly string[]): readonly [string[], string[] | undefined] {
  const at = words.findIndex((word) => word.toUpperCase() === 'EXCEPT');
  return at < 0 ? [[...words], undefined] : [words.slice(0, at), words.slice(at + 1)];
}

/** `allow` or `deny` as the only option. */
function parseOptions(
  options: readonly string[],
  verdict: HostsRule['verdict'],
): Pick<HostsRule, 'verdict'> | string {
  const [option, ...more] = options.map((each) => each.trim());
  if (option === undefined) return { verdict };
  const said = option.toLowerCase();
  if ((said === 'allow' || said === 'deny') && more.length === 0) return { verdict: said };
  return `${quote(options.join(':').trim())} is not supported; the only options are allow and deny, and an IPv6 address stands in brackets`;
}
