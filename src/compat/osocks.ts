// The command line of osocks: `-l ADDRESS -p PORT -n SESSIONS -I MS -T MS -s -v`, and -V and -h.
import { quote } from '../config/values/parsed.ts';
import type { DropIn, DropInHost, ToldText, Translation } from '../daemon/host/dropin.ts';
import { readOptionWords, tally, type OptionTally } from './getopt.ts';
import {
  asNobody,
  listenAt,
  toldFailure,
  settingsOfLines,
  warnOfOutsiders,
  type TranslatedLine,
} from './translate.ts';

const LETTERS = 'l:p:n:I:T:svVh';
const FAILURE = 1;

const USAGE = `usage: osocks [-l address] [-p port] [-n sessions] [-I ms] [-T ms] [-s] [-v] [-V] [-h]
  -l  listen at this address (0.0.0.0)
  -p  and this port or service (1080)
  -n  serve at most so many sessions at a time; 0: no limit (0)
  -I  end a session in which nothing moves for so many milliseconds (64000)
  -T  give up connecting after so many milliseconds (8000)
  -s  log to syslog instead of standard error
  -v  log everything
  -V  print the version and exit
  -h  print this and exit
This is picosocks5; see docs/drop-in.md for what differs.
`;

/** Defaults of osocks. */
const DEFAULTS = { l: '0.0.0.0', p: '1080', n: '0', I: '64000', T: '8000' };
type OsocksValues = Record<keyof typeof DEFAULTS, string>;

/** osocks has no limit of its own for a handshake, only the idle one. */
const HANDSHAKE_MS = 15_000;

export const OSOCKS: DropIn = { name: 'osocks', failure: FAILURE, translate };

function translate(argv: readonly string[], host: DropInHost): Translation {
  const said = tally(readOptionWords(argv, LETTERS));
  const asked = said.flags.find((letter) => letter === 'h' || letter === 'V');
  if (asked !== undefined) return toldText(asked === 'h' ? USAGE : `0.0.1 (picosocks5 ${host.version})\n`);
  const why = whyWrong(said);
  return why === undefined ? osocksSettings(said, host) : toldFailure(`osocks: ${why}\n${USAGE}`, FAILURE);
}

function toldText(text: string): ToldText {
  return { kind: 'told', text, stream: 'stdout', status: 0 };
}

function whyWrong({ wrong, values }: OptionTally): string | undefined {
  if (wrong?.kind === 'unknown') return `there is no option -${wrong.letter}`;
  if (wrong?.kind === 'missing') return `-${wrong.letter} needs a value`;
  if (values.get('l') === '') return '-l: an empty text is no address';
  const odd = ['n', 'I', 'T'].find((letter) => !/^\d{1,9}$/.test(values.get(letter) ?? '0'));
  return odd && `-${odd}: ${quote(values.get(odd) ?? '')} is not a whole number`;
}

function osocksSettings({ flags, values }: OptionTally, host: DropInHost): Translation {
  const said: OsocksValues = { ...DEFAULTS, ...Object.fromEntries(values) };
  const handshake = Number(said.I) === 0 ? HANDSHAKE_MS : Math.min(HANDSHAKE_MS, Number(said.I));
  const lines: TranslatedLine[] = [
    ['listen', listenAt(said.l, said.p), '-l -p'],
    ['maxconn', said.n, '-n'],
    ['idle-timeout', `${said.I}ms`, '-I'],
    ['handshake-timeout', `${handshake}ms`, '-I'],
    ['connect-timeout', `${said.T}ms`, '-T'],
    ['nofork', 'yes', 'osocks'],
    ['logmode', flags.includes('s') ? 'syslog' : 'stderr', '-s'],
    ['loglevel', flags.includes('v') ? 'debug' : 'info', '-v'],
    ...asNobody(host),
  ];
  const problems = warnOfOutsiders('osocks', host);
  return {
    kind: 'settings',
    settings: settingsOfLines(lines, host),
    given: undefined,
    problems,
    unprinted: [],
  };
}
