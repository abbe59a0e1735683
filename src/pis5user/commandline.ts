// The command line of pis5user as a value.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { parseDay } from '../auth/files/marks.ts';
import { BCRYPT_COST, SHA_ROUNDS } from '../auth/hashing/hash.ts';
import { Pis5userFailure, STATUS } from './failure.ts';

/**
 * Kinds of secret that are written; the other kinds that can be checked are obsolete. `chap` is no hash: CHAP needs the password
 * itself.
 */
export const METHODS = ['bcrypt', 'sha256', 'sha512', 'apr1', 'chap'] as const;
export type HashMethod = (typeof METHODS)[number];

/** How a new password is hashed; `cost` is log2 rounds for bcrypt, rounds for sha256 and sha512. */
export interface HashChoice {
  readonly method: HashMethod;
  readonly cost: number;
}

/** The source of a password: a question on the terminal if there is one, or the first line of stdin. */
export type PasswordSource = 'ask' | 'stdin';

export type Pis5userCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'list'; readonly file: string }
  | { readonly kind: 'delete'; readonly file: string; readonly user: string }
  | { readonly kind: 'lock' | 'unlock'; readonly file: string; readonly user: string }
  /** `day`: such as 2026-12-31; the login expires at its start in UTC. undefined: never. */
  | {
      readonly kind: 'expire';
      readonly file: string;
      readonly user: string;
      readonly day: string | undefined;
    }
  | { readonly kind: 'verify'; readonly file: string; readonly user: string; readonly from: PasswordSource }
  | (NewPassword & { readonly kind: 'add'; readonly missingFile: 'create' | 'fail' })
  /** The users and their passwords come on standard input. */
  | (Omit<NewPassword, 'user' | 'from'> & {
      readonly kind: 'add-many';
      readonly missingFile: 'create' | 'fail';
    })
  | (NewPassword & { readonly kind: 'passwd' })
  /** As the program of PicoSOCKS5 (C): prints lines for a file of users, one of each method. */
  | {
      readonly kind: 'print';
      readonly user: string;
      readonly from: PasswordSource;
      readonly methods: readonly OldMethod[];
    }
  | { readonly kind: 'methods' };

/** Names of methods in PicoSOCKS5 (C); `basic` is that of RFC 1929. */
export const OLD_METHODS = ['basic', 'chap'] as const;
export type OldMethod = (typeof OLD_METHODS)[number];

export interface NewPassword {
  readonly file: string;
  readonly user: string;
  readonly from: PasswordSource;
  readonly hash: HashChoice;
  /** undefined: the group stays as it was, or empty. */
  readonly group: string | undefined;
}

export const USAGE = `Usage: pis5user add    [-c] [-m METHOD] [-C COST] [-g GROUP] [-i] FILE USER
       pis5user add    [-c] [-m METHOD] [-C COST] [-g GROUP] FILE -
       pis5user passwd [-m METHOD] [-C COST] [-g GROUP] [-i] FILE USER
       pis5user verify [-i] FILE USER
       pis5user lock   FILE USER
       pis5user unlock FILE USER
       pis5user expire FILE USER DATE
       pis5user delete FILE USER
       pis5user list   FILE
       pis5user [-m ${OLD_METHODS.join(',')}] [-i] USER
       pis5user -l | -h | -V

Manages the users in a password file of picosocks5 (or of Apache's htpasswd).
With - in the place of USER, add takes lines USER:PASSWORD from standard input,
and adds all of them or none.
DATE is the first day, in UTC, on which USER cannot log in, such as 2026-12-31;
"never" takes it back. Locks and dates stand in comments, which only picosocks5
heeds; a running daemon takes them up with its next reload.

  -c, --create         add: create FILE if it does not exist
  -m, --method METHOD  ${METHODS.join(', ')} (default bcrypt); chap
                       keeps the password recoverable, in a file with groups only;
                       with it, an empty USER is the server itself
  -C, --cost COST      bcrypt ${BCRYPT_COST.min} to ${BCRYPT_COST.max} (default ${BCRYPT_COST.default}); sha256, sha512 ${SHA_ROUNDS.min} to ${SHA_ROUNDS.max} rounds
                       (default ${SHA_ROUNDS.default})
  -g, --group GROUP    section of access rules for the user: writes user:group:hash
  -i, --stdin          take the password from the first line of standard input
  -l, --list-methods   list what -m takes without a FILE, where the lines are
                       printed for you to put somewhere
  -h, --help           show this and exit
  -V, --version        show the version and exit
`;

/** Options of parseArgs() in node:util. */
export const OPTIONS = {
  create: { type: 'boolean', short: 'c' },
  method: { type: 'string', short: 'm' },
  cost: { type: 'string', short: 'C' },
  group: { type: 'string', short: 'g' },
  stdin: { type: 'boolean', short: 'i' },
  'list-methods': { type: 'boolean', short: 'l' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const satisfies ParseArgsConfig['options'];
type ParsedValues = ReturnType<typeof splitArgv>['values'];

/** The options that each command knows, and whether it is about one user. */
export const COMMANDS = {
  add: { options: ['create', 'method', 'cost', 'group', 'stdin'], operands: 2 },
  passwd: { options: ['method', 'cost', 'group', 'stdin'], operands: 2 },
  verify: { options: ['stdin'], operands: 2 },
  lock: { options: [], operands: 2 },
  unlock: { options: [], operands: 2 },
  expire: { options: [], operands: 3 },
  delete: { options: [], operands: 2 },
  list: { options: [], operands: 1 },
} as const satisfies Record<string, { options: readonly (keyof typeof OPTIONS)[]; operands: number }>;
type CommandName = keyof typeof COMMANDS;
const COMMAND_NAMES = Object.keys(COMMANDS).join(', ');

/** Reads the arguments after the program's name. Throws a Pis5userFailure of usage. */
export function parseCommandLine(argv: readonly string[]): Pis5userCommand {
  const { values, positionals } = splitArgv(argv);
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  if (values['list-methods']) return { kind: 'methods' };
  const [name, file, user = '', day = ''] = positionals;
  if (name !== undefined && positionals.length === 1 && !isCommand(name)) return printFor(name, values);
  if (name === undefined || !isCommand(name)) throw usage(unknownCommand(name));
  mustFit(name, values, positionals.length - 1);
  if (file === undefined) throw usage(`${name}: which file?`);
  if (name === 'expire') return { kind: name, file, user, day: readDay(day) };
  return commandOf(name, file, user, values);
}

function printFor(user: string, values: ParsedValues): Pis5userCommand {
  const alien = Object.keys(values).find((option) => option !== 'method' && option !== 'stdin');
  if (alien !== undefined) throw usage(`--${alien} needs a command before ${user}; one of: ${COMMAND_NAMES}`);
  const asked = (values.method ?? OLD_METHODS.join()).split(',');
  const unknown = asked.find((name) => !OLD_METHODS.some((known) => known === name));
  if (unknown !== undefined) {
    throw usage(`unknown method "${unknown}"; without a FILE one of: ${OLD_METHODS.join(', ')}`);
  }
  const methods = OLD_METHODS.filter((known) => asked.includes(known));
  return { kind: 'print', user, from: values.stdin ? 'stdin' : 'ask', methods };
}

function splitArgv(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function unknownCommand(name: string | undefined): string {
  return name === undefined
    ? `no command given; one of: ${COMMAND_NAMES}`
    : `unknown command "${name}"; one of: ${COMMAND_NAMES}`;
}

function mustFit(name: CommandName, values: ParsedValues, operands: number): void {
  const allowed: readonly string[] = COMMANDS[name].options;
  const alien = Object.keys(values).find((option) => !allowed.includes(option));
  if (alien !== undefined) throw usage(`${name} does not know the option --${alien}`);
  if (operands < COMMANDS[name].operands) throw usage(`${name}: ${OPERANDS[operands] ?? 'what else'}?`);
  if (operands > COMMANDS[name].operands) {
    throw usage(`${name}: too many arguments (a password is never given as one: every user could see it)`);
  }
}

/** The operand that is missing after so many. */
const OPERANDS = ['which file', 'which user', 'until which day (YYYY-MM-DD, or never)'];

function readDay(text: string): string | undefined {
  if (text === 'never') return undefined;
  if (parseDay(text) !== undefined) return text;
  throw usage(`expire: "${text}" is no day; write YYYY-MM-DD, such as 2026-12-31, or never`);
}

function commandOf(
  name: Exclude<CommandName, 'expire'>,
  file: string,
  user: string,
  values: ParsedValues,
): Pis5userCommand {
  const from = values.stdin ? 'stdin' : 'ask';
  switch (name) {
    case 'list':
      return { kind: name, file };
    case 'lock':
    case 'unlock':
    case 'delete':
      return { kind: name, file, user };
    case 'verify':
      return { kind: name, file, user, from };
    case 'passwd':
      return { kind: name, file, user, from, hash: hashChoice(values), group: values.group };
    case 'add': {
      const missingFile = values.create ? 'create' : 'fail';
      if (user === '-')
        return { kind: 'add-many', file, hash: hashChoice(values), group: values.group, missingFile };
      return { kind: name, file, user, from, hash: hashChoice(values), group: values.group, missingFile };
    }
  }
}

function hashChoice({ method: name = 'bcrypt', cost }: ParsedValues): HashChoice {
  const method = METHODS.find((known) => known === name);
  if (method === undefined) throw usage(`unknown method "${name}"; one of: ${METHODS.join(', ')}`);
  if (method === 'apr1' || method === 'chap') {
    if (cost !== undefined) throw usage(`${method} has no cost to choose; leave --cost out`);
    return { method, cost: 0 };
  }
  const range = method === 'bcrypt' ? BCRYPT_COST : SHA_ROUNDS;
  if (cost === undefined) return { method, cost: range.default };
  if (!/^\d{1,7}$/.test(cost) || Number(cost) < range.min || Number(cost) > range.max) {
    throw usage(`the cost of ${method} is a number from ${range.min} to ${range.max}, not "${cost}"`);
  }
  return { method, cost: Number(cost) };
}

function usage(text: string): Pis5userFailure {
  return new Pis5userFailure(STATUS.USAGE, `${text}\nTry "pis5user --help".`);
}
