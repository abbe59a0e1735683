// The command line of pis5ctl as a value.
import { parseArgs } from 'node:util';
import { oneOf } from '../config/values/parsed.ts';
import { didYouMean } from '../config/values/suggest.ts';
import { FLEET_COMMANDS, type AskedRequest, type ControlRequest } from '../control/controlmessage.ts';
import { usage } from './failure.ts';
import { OPERATIONS, type OptionValues } from './operations.ts';
import { PARTIES, PERIODS, type UsageCommand } from './accounts.ts';

/** The control socket of the packaged configuration. */
const DEFAULT_PATH = '/run/picosocks5/control';

/** That of docs/accounting.md. */
const DEFAULT_ACCOUNTS = '/var/log/picosocks5/accounting';

export type Pis5ctlCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'ask';
      readonly path: string;
      readonly form: 'text' | 'json';
      readonly request: AskedRequest;
    }
  /** Stays until the daemon has ended. */
  | { readonly kind: 'drain'; readonly path: string; readonly request: DrainRequest }
  | { readonly kind: 'usage'; readonly command: UsageCommand }
  | { readonly kind: 'top'; readonly path: string; readonly request: ListRequest };

type DrainRequest = Extract<ControlRequest, { command: 'drain' }>;

/** The request that top repeats. */
export type ListRequest = Extract<ControlRequest, { command: 'sessions' }>;

export const USAGE = `Usage: pis5ctl [--control PATH] [--json] [--fleet] COMMAND

Asks a running picosocks5, and tells it what to do.

  status                    what it is, what it does, how the last reload went
  sessions [OPTION]...      live sessions: --sort id|age|up|down|client|user,
                            --user NAME, --client ADDRESS[/BITS], --limit N
  top [OPTION]...           the same, again each second; arrows scroll, q quits
  kick ID | user=NAME | client=ADDRESS[/BITS]
                            ends sessions
  ban ADDRESS[/BITS] [TIME] turns a client or a block away for TIME (default 1h)
  unban ADDRESS[/BITS] | user=NAME
  bans                      who is banned, and how long still
  forget ADDRESS            takes back what auth-once remembers of a client
  reload                    reads configuration and users again, says how it went
  drain [--announce TIME] [--wait]
                            no new clients; ends when the sessions have. For TIME
                            before, all are served and "ready" says 404. On a
                            terminal, or with --wait, shows how many are left
                            until the end; Ctrl-C does not stop the drain
  usage [user|group|client|total] [day|month] [--csv] [--file FILE]
                            who has moved how many bytes, from the records of
                            accounting (default FILE /var/log/picosocks5/accounting)
                            and what rotation has made of it
  loglevel LEVEL            err, warn, notice, info, debug or none, until the
                            next reload

  --control PATH            the socket (default ${DEFAULT_PATH})
  --json                    print the answer of the daemon as it came
  --fleet                   ask all members of the fleet of this daemon: status,
                            sessions, kick, ban, unban, forget
  -h, --help                show this and exit
  -V, --version             show the version and exit
`;

/** Options of parseArgs() in node:util. */
export const OPTIONS = {
  control: { type: 'string' },
  json: { type: 'boolean' },
  fleet: { type: 'boolean' },
  sort: { type: 'string' },
  user: { type: 'string' },
  client: { type: 'string' },
  limit: { type: 'string' },
  announce: { type: 'string' },
  wait: { type: 'boolean' },
  file: { type: 'string' },
  csv: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;
type OptionName = keyof typeof OPTIONS;

/** Options that go with every command. */
const COMMON: readonly OptionName[] = ['control', 'json', 'fleet', 'help', 'version'];

/** Reads the arguments after the program's name. Throws a Pis5ctlFailure of usage. */
export function parseCommandLine(argv: readonly string[]): Pis5ctlCommand {
  const { values, words } = splitArguments(argv);
  if (values.help !== undefined) return { kind: 'help' };
  if (values.version !== undefined) return { kind: 'version' };
  const [name, ...operands] = words;
  if (name === 'usage') return usageCommand(operands, values);
  const operation = name === undefined ? undefined : OPERATIONS.get(name);
  if (name === undefined || operation === undefined) throw unknownCommand(name);
  mustFit(name, values, operation.options);
  const path = values.control ?? DEFAULT_PATH;
  const request = forWhom(operation.request(operands, values), values);
  if (request.command === 'drain' && isWatched(values)) return { kind: 'drain', path, request };
  if (name !== 'top')
    return { kind: 'ask', path, form: values.json === undefined ? 'text' : 'json', request };
  if (values.json !== undefined) throw usage('top has no --json; sessions has');
  if (values.fleet !== undefined) throw usage('top has no --fleet; sessions has');
  return { kind: 'top', path, request: request as ListRequest };
}

function forWhom(request: ControlRequest, { fleet }: Given): AskedRequest {
  if (fleet === undefined) return request;
  if (request.command === 'kick' && request.of.id !== undefined)
    throw usage('kick: each member has ids of its own; name user=NAME or client=ADDRESS, or ask that member');
  if (FLEET_COMMANDS.includes(request.command)) return { ...request, fleet: true };
  throw usage(`${request.command} is about one host: ask each member by itself, without --fleet`);
}

/** Programs read one answer; so does a pipe, unless it asks for more. */
function isWatched({ wait, json }: Given): boolean {
  if (json !== undefined && wait !== undefined) throw usage('drain has no --json with --wait');
  return wait !== undefined || (json === undefined && process.stdout.isTTY);
}

/** Accounts are read from a file, not from a daemon. */
function usageCommand(operands: readonly string[], values: Given): Pis5ctlCommand {
  mustFit('usage', values, ['file', 'csv']);
  if (values.fleet !== undefined) throw usage('usage reads files of this host, without --fleet');
  const party = PARTIES.find((each) => operands.includes(each)) ?? 'user';
  const period = PERIODS.find((each) => operands.includes(each)) ?? 'day';
  const alien = operands.find((each) => each !== party && each !== period);
  if (alien !== undefined)
    throw usage(
      `usage: "${alien}" is not ${oneOf([...PARTIES, ...PERIODS])}${didYouMean(alien, [...PARTIES, ...PERIODS])}`,
    );
  const { file = DEFAULT_ACCOUNTS, csv } = values;
  return { kind: 'usage', command: { party, period, file, form: csv === undefined ? 'text' : 'csv' } };
}

type Given = OptionValues & { readonly [Name in OptionName]?: string };

/** Options with their values ('' for one that takes none), and the rest. */
function splitArguments(argv: readonly string[]): {
  readonly values: Given;
  readonly words: readonly string[];
} {
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values: { [Name in OptionName]?: string } = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!isOption(token.name)) throw unknownOption(token.rawName);
    values[token.name] = optionValueOf(token.name, token.value);
  }
  return { values, words: positionals };
}

function optionValueOf(name: OptionName, value: string | undefined): string {
  const isFlag = OPTIONS[name].type === 'boolean';
  if (isFlag && value !== undefined) throw usage(`--${name} takes no value`);
  if (!isFlag && (value === undefined || value === '')) throw usage(`--${name} needs a value`);
  return value ?? '';
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

function mustFit(command: string, values: Given, allowed: readonly string[]): void {
  const alien = Object.keys(values).find((name) => ![...COMMON, ...allowed].includes(name as OptionName));
  if (alien !== undefined) throw usage(`${command} does not know the option --${alien}`);
}

function unknownOption(written: string): Error {
  return usage(
    `unknown option ${written}${didYouMean(written.replace(/^-+/, ''), Object.keys(OPTIONS), '--')}`,
  );
}

function unknownCommand(name: string | undefined): Error {
  const known = [...OPERATIONS.keys(), 'usage'];
  return name === undefined
    ? usage(`no command given; one of: ${known.join(', ')}`)
    : usage(`unknown command "${name}"${didYouMean(name, known)}`);
}
