// The command line of another program in place of ours: `--as NAME -- ARGS`. Each program is translated in compat/, which main.ts
// passes in.
import type { GivenUsers } from '../../auth/files/given.ts';
import type { Problem } from '../../config/model/config.ts';
import type { Setting } from '../../config/options/setting.ts';
import { parseArguments } from '../../config/reading/arguments.ts';
import { oneOf, quote } from '../../config/values/parsed.ts';
import { error } from '../../config/values/problem.ts';
import { didYouMean } from '../../config/values/suggest.ts';
import { VERSION } from '../../control/version.ts';
import { argumentBytes } from '../unix/argumentbytes.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

/** A program whose command line is understood. */
export interface DropIn {
  readonly name: string;
  /** The exit status of that program when it cannot start. */
  readonly failure: number;
  /** Reads the words after the name of the program. Called again for each reload. */
  readonly translate: (argv: readonly string[], host: DropInHost) => Translation | Promise<Translation>;
}

/** Returns all programs; called only for `--as`, so that other daemons do not load them. */
export type LoadDropIns = () => Promise<readonly DropIn[]>;

/** Facts that a translation may depend on. */
export interface DropInHost {
  /** The folder where relative file names start. */
  readonly folder: string;
  /** Whether the process has the privileges of root, and may give them up. */
  readonly isRoot: boolean;
  /** Keywords of our own options that stand beside `--as`. */
  readonly own: ReadonlySet<string>;
  /** The version of this program. */
  readonly version: string;
  /** The command line as byte strings (base/bytes.ts); undefined when it is not UTF-8, and its bytes are unknown. */
  readonly argumentBytes: readonly string[] | undefined;
}

export type Translation = ToldText | Translated;

/** A text that the program prints instead of serving. */
export interface ToldText {
  readonly kind: 'told';
  /** Whole lines. */
  readonly text: string;
  readonly stream: 'stdout' | 'stderr';
  readonly status: number;
}

/** The command line in our words. */
export interface Translated {
  readonly kind: 'settings';
  readonly settings: readonly Setting[];
  /** Users whose passwords stood on the command line, which no option of ours holds; undefined when there are none. */
  readonly given: GivenUsers | undefined;
  /** Problems, including options that are accepted without effect. */
  readonly problems: readonly Problem[];
  /** Sentences about what --print-config has to leave out, because it is secret. */
  readonly unprinted: readonly string[];
}

export const NOTHING_TRANSLATED: Translated = {
  kind: 'settings',
  settings: [],
  given: undefined,
  problems: [],
  unprinted: [],
};

/** The translation of another program's command line; empty for our own. */
export interface Guise {
  readonly dropIn: DropIn | undefined;
  readonly translate: () => Promise<Translation>;
  /** The same for a reload, without the warnings, which were told at the start. */
  readonly retranslate: () => Promise<Translated>;
}

/** Finds the program that `argv` asks for. Throws StartFailure for one that is not known. */
export async function dressUp(
  argv: readonly string[],
  folder: string,
  loadDropIns: LoadDropIns,
): Promise<Guise> {
  const { dropIn: asked, settings } = parseArguments(argv, folder);
  if (asked === undefined) return OURSELVES;
  const dropIns = await loadDropIns();
  const dropIn = dropIns.find(({ name }) => name === asked.name);
  if (dropIn === undefined) throw unknownProgram(asked.name, dropIns);
  // Before the title takes their place.
  const bytes = argumentBytes(asked.argv);
  // The command line may hold a password, and every account can list it.
  process.title = dropIn.name;
  const own = new Set(settings.map(({ option }) => option.keyword));
  const host = { folder, isRoot: process.getuid?.() === 0, own, version: VERSION, argumentBytes: bytes };
  const translate = async (): Promise<Translation> => dropIn.translate(asked.argv, host);
  return { dropIn, translate, retranslate: async () => again(await translate()) };
}

const OURSELVES: Guise = {
  dropIn: undefined,
  translate: () => Promise.resolve(NOTHING_TRANSLATED),
  retranslate: () => Promise.resolve(NOTHING_TRANSLATED),
};

/** The translation at a reload: a text to print instead of serving is an error then, and warnings are not repeated. */
function again(translation: Translation): Translated {
  switch (translation.kind) {
    case 'told':
      return { ...NOTHING_TRANSLATED, problems: [error({}, translation.text.trimEnd())] };
    case 'settings':
      return {
        ...translation,
        problems: translation.problems.filter(({ severity }) => severity === 'error'),
      };
  }
}

function unknownProgram(name: string, dropIns: readonly DropIn[]): StartFailure {
  const known = dropIns.map((each) => each.name);
  return new StartFailure(
    EXIT.USAGE,
    `--as: ${quote(name)} is no program whose command line is understood; write ${oneOf(known)}${didYouMean(name, known)}`,
  );
}
