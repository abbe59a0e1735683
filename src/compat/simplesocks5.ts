// The command line of simplesocks5: `[ADDRESS:PORT] [-v|-vv|-vvv]`; it ignores what it does not know.
import { formatHostPort, splitHostPort } from '../config/values/hostport.ts';
import { quote } from '../config/values/parsed.ts';
import { warning } from '../config/values/problem.ts';
import type { DropIn, DropInHost, Translation } from '../daemon/host/dropin.ts';
import { asNobody, settingsOfLines, warnOfOutsiders, type TranslatedLine } from './translate.ts';

const DEFAULT_LISTEN = '0.0.0.0:1080';

/** Log levels by number of letters v. One shows requests, as in simplesocks5; none shows errors only. */
const LEVELS = ['warn', 'info', 'debug'];

export const SIMPLESOCKS5: DropIn = {
  name: 'simplesocks5',
  // The status of a panic in Rust, with which simplesocks5 ends.
  failure: 101,
  translate,
};

function translate(argv: readonly string[], host: DropInHost): Translation {
  const addresses = argv.flatMap(listenAddressOf);
  const verbosity = argv.find((arg) => arg.startsWith('-v'))?.length ?? 1;
  const lines: TranslatedLine[] = [
    ['listen', addresses.at(-1) ?? DEFAULT_LISTEN, 'ADDRESS:PORT'],
    ['loglevel', LEVELS[verbosity - 1] ?? 'debug', '-v'],
    ['logmode', 'stderr', 'simplesocks5'],
    ...asNobody(host),
  ];
  const ignored = argv.filter((arg) => !arg.startsWith('-v') && listenAddressOf(arg).length === 0);
  return {
    kind: 'settings',
    settings: settingsOfLines(lines, host),
    given: undefined,
    problems: [
      ...ignored.map((arg) => warning({}, `${quote(arg)} is not ADDRESS:PORT, and is ignored`)),
      ...warnOfOutsiders('simplesocks5', host),
    ],
    unprinted: [],
  };
}

/** The address with its port; simplesocks5 ignores names, and addresses without a port. */
function listenAddressOf(arg: string): readonly string[] {
  const split = splitHostPort(arg, () => undefined);
  if (split.kind === 'wrong') return [];
  const { ip, port } = split.value;
  return ip === undefined || port === undefined ? [] : [formatHostPort(ip, port)];
}
