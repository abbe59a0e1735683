// The command line of srelay 0.4.8: letters of getopt(3), its files where nobody names others, and the account nobody.
import { quote } from '../config/parsed.ts';
import { warning } from '../config/problem.ts';
import type { Problem } from '../config/config.ts';
import type { DropIn, Host, Translation } from '../daemon/dropin.ts';
import { readWords, tally, type Tally, type Word } from './getopt.ts';
import { linesOf, needsLogin, type Said } from './srelaylines.ts';
import { refusal, settingsOf, warnOfStrangers } from './translate.ts';

const LETTERS = 'a:c:i:J:m:o:p:u:U:x:frstbwgIqvVh';

/** Also of -h and -V. */
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

/** What is a number there, and what it is here. */
const NUMBERS = ['m', 'o'];

export const SRELAY: DropIn = { name: 'srelay', failure: FAILURE, translate };

function translate(argv: readonly string[], host: Host): Translation {
  const words = readWords(argv, LETTERS);
  const last = words.find(isLast);
  if (last !== undefined) return refusal(lastWords(last, host), FAILURE);
  const said = saidBy(words);
  const odd = NUMBERS.find((letter) => !/^\d{1,9}$/.test(said.values.get(letter) ?? '0'));
  if (odd !== undefined) {
    return refusal(`srelay: -${odd}: ${quote(said.values.get(odd) ?? '')} is not a whole number\n`, FAILURE);
  }
  return {
    kind: 'settings',
    settings: settingsOf(linesOf(said, host), host),
    given: undefined,
    problems: problemsOf(said, words, host),
    unprinted: [],
  };
}

/** Whether srelay reads on behind it. */
function isLast(word: Word): boolean {
  return word.kind === 'flag'
    ? 'Vh'.includes(word.letter)
    : word.kind === 'unknown' || word.kind === 'missing';
}

function lastWords(word: Word, { version }: Host): string {
  const name = `srelay 0.4.8 (picosocks5 ${version})\n`;
  switch (word.kind) {
    case 'flag':
      return word.letter === 'V' ? name : name + USAGE;
    case 'unknown':
      return `srelay: there is no option -${word.letter}\n${USAGE}`;
    case 'missing':
      return `srelay: -${word.letter} needs a value\n${USAGE}`;
    case 'value':
    case 'operand':
      return USAGE;
  }
}

function saidBy(words: readonly Word[]): Said {
  const all = (letter: string): readonly string[] =>
    words.flatMap((word) => (word.kind === 'value' && word.letter === letter ? [word.text] : []));
  const { flags, values }: Tally = tally(words);
  return { flags: new Set(flags), values, listen: all('i'), logins: all('a') };
}

/** Of a client of inetd nobody is warned: its process says what it did, and each would say this again. */
function problemsOf(said: Said, words: readonly Word[], host: Host): readonly Problem[] {
  const { flags, values } = said;
  if (flags.has('I')) return [];
  const without: readonly (readonly [applies: boolean, what: string])[] = [
    [flags.has('t'), '-t has no effect: each session is served without a process or thread of its own'],
    [
      values.has('m') && !flags.has('t'),
      '-m has no effect without -t: sessions need no threads; see maxconn',
    ],
    [values.has('U') && !needsLogin(said), '-U has no effect without -a p: nobody has to log in'],
    ...words.map(
      (word) =>
        [word.kind === 'operand', word.kind === 'operand' ? `${quote(word.text)} is ignored` : ''] as const,
    ),
  ];
  const told = without.filter(([applies]) => applies).map(([, what]) => warning({}, what));
  return needsLogin(said) ? told : [...told, ...warnOfStrangers('srelay', host)];
}
