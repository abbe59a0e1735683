// The command line of srelay 0.4.8: letters of getopt(3), its default files, and the account nobody.
import { familyOf, parseIp } from '../base/ip.ts';
import type { Problem } from '../config/model/config.ts';
import { quote } from '../config/values/parsed.ts';
import { warning } from '../config/values/problem.ts';
import type { DropIn, DropInHost, Translation } from '../daemon/host/dropin.ts';
import { readOptionWords, tally, type OptionTally, type OptionWord } from './getopt.ts';
import { linesOf, needsLogin, type SrelayOptions } from './srelaylines.ts';
import { toldFailure, settingsOfLines, warnOfOutsiders } from './translate.ts';

const LETTERS = 'a:c:i:J:m:o:p:u:U:x:frstbwgIqvVh';

/** The exit status of errors, and of -h and -V. */
const FAILURE = 1;

const USAGE = `usage: srelay [options]
options:
	-c file	routes to other proxies
	-i i/f	listen at IP[:PORT], [IPV6]:PORT, :PORT or a name; may be repeated
	-J i/f	leave by this network interface
	-x ip	leave from this IPv4 address
	-m num	with -t: sessions at a time
	-o min	end sessions idle for so many minutes; 0: never
	-p file	pid file
	-a np	logins: n none, p user and password
	-u file	logins at other proxies
	-U file	local users, instead of the accounts of this host
	-f	stay in the foreground
	-r	names of clients in the log
	-s	log to syslog even in the foreground
	-t	no threads
	-b	BIND may use every port
	-g	leave from the address that the client came to
	-w	ask hosts.allow and hosts.deny
	-I	serve the client on standard input, as inetd has it
	-q	log less
	-v	log more
	-V	print the version and exit
	-h	print this and exit
this is picosocks5; see docs/drop-in.md for what differs.
`;

/** Options whose value is a number. */
const NUMBERS = ['m', 'o'];

export const SRELAY: DropIn = { name: 'srelay', failure: FAILURE, translate };

function translate(argv: readonly string[], host: DropInHost): Translation {
  const words = readOptionWords(argv, LETTERS);
  const last = words.find(isLast);
  if (last !== undefined) return toldFailure(lastWords(last, host), FAILURE);
  const said = saidBy(words);
  const odd = whyOdd(said);
  if (odd !== undefined) return toldFailure(`srelay: ${odd}\n`, FAILURE);
  return {
    kind: 'settings',
    settings: settingsOfLines(linesOf(said, host), host),
    given: undefined,
    problems: problemsOf(said, words, host),
    unprinted: [],
  };
}

function whyOdd({ values }: SrelayOptions): string | undefined {
  const odd = NUMBERS.find((letter) => !/^\d{1,9}$/.test(values.get(letter) ?? '0'));
  if (odd !== undefined) return `-${odd}: ${quote(values.get(odd) ?? '')} is not a whole number`;
  const source = values.get('x');
  return source === undefined || isIpv4(source) ? undefined : `-x: ${quote(source)} is not an IPv4 address`;
}

function isIpv4(text: string): boolean {
  const ip = parseIp(text);
  return ip !== undefined && familyOf(ip) === 4;
}

/** A word after which srelay stops reading. */
type Last = Extract<OptionWord, { readonly kind: 'flag' | 'unknown' | 'missing' }>;

function isLast(word: OptionWord): word is Last {
  return word.kind === 'flag'
    ? 'Vh'.includes(word.letter)
    : word.kind === 'unknown' || word.kind === 'missing';
}

function lastWords(word: Last, { version }: DropInHost): string {
  const name = `srelay 0.4.8 (picosocks5 ${version})\n`;
  switch (word.kind) {
    case 'flag':
      return word.letter === 'V' ? name : name + USAGE;
    case 'unknown':
      return `srelay: there is no option -${word.letter}\n${USAGE}`;
    case 'missing':
      return `srelay: -${word.letter} needs a value\n${USAGE}`;
  }
}

function saidBy(words: readonly OptionWord[]): SrelayOptions {
  const all = (letter: string): readonly string[] =>
    words.flatMap((word) => (word.kind === 'value' && word.letter === letter ? [word.text] : []));
  const { flags, values }: OptionTally = tally(words);
  return { flags: new Set(flags), values, listen: all('i'), logins: all('a') };
}

/** With -I there are none: each client would log them again. */
function problemsOf(said: SrelayOptions, words: readonly OptionWord[], host: DropInHost): readonly Problem[] {
  if (said.flags.has('I')) return [];
  const ignored = words.flatMap((word) =>
    word.kind === 'operand' ? [`${quote(word.text)} is ignored`] : [],
  );
  const told = [...withoutEffect(said), ...ignored].map((text) => warning({}, text));
  return needsLogin(said) ? told : [...told, ...warnOfOutsiders('srelay', host)];
}

function withoutEffect(said: SrelayOptions): readonly string[] {
  const { flags, values, logins } = said;
  const strange = logins.find((letters) => /[^np]/.test(letters));
  const vain = [
    strange !== undefined &&
      `-a ${quote(strange)} has no effect but for its letters n and p: no login, and user and password`,
    flags.has('t') && '-t has no effect: each session is served without a process or thread of its own',
    values.has('m') &&
      !flags.has('t') &&
      '-m has no effect without -t: sessions need no threads; see maxconn',
    values.has('U') && !needsLogin(said) && '-U has no effect without -a p: nobody has to log in',
  ];
  return vain.filter((text) => text !== false);
}
