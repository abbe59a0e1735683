// A row of the option table, and the two constructors of rows that set a field of Config.
import type { Config } from '../model/config.ts';
import { BLOCKS } from '../values/blocks.ts';
import type { Kind, Reading } from '../values/kinds.ts';

/** A configuration while it is being read: fields are filled in row by row. */
export type Draft = { -readonly [F in keyof Config]?: Config[F] };

/** Declarations of each row. */
export interface OptionText {
  /** The long option without its dashes, and the key in a file. */
  readonly keyword: string;
  readonly short?: string;
  /** One sentence. Words in backticks are keys, values or commands. */
  readonly summary: string;
  /** Further documentation; not in --help. */
  readonly details?: string;
  /** A value for the sample file where there is no default. */
  readonly example?: string;
}

interface Value {
  /** undefined: a flag. */
  readonly metavar: string | undefined;
  /** The value when it is left out; undefined when one is required. */
  readonly implied?: string | undefined;
  /** All values, where they are few. */
  readonly words?: readonly string[] | undefined;
  /** Whether a reload applies a change of it, or only a new start. */
  readonly reload: 'live' | 'restart';
  /** The default as an operator would write it; undefined when there is none. */
  readonly default: string | undefined;
  readonly repeatable: boolean;
}

/** A row that sets a field of Config. */
export interface SettingOption extends OptionText, Value {
  readonly kind: 'setting';
  /** Reads `text` into the draft; returns its error, if any. */
  set(draft: Draft, text: string, reading: Reading): string | undefined;
  /** Gives the field its default. */
  reset(draft: Draft): void;
  /** The texts that set() reads back; none where the field is not set. */
  get(config: Config): readonly string[];
}

/** A row for a field that is a list. */
export interface ListOption extends SettingOption {
  /** Whether the option was never written; a value equal to the default counts as written. */
  isDefault(config: Config): boolean;
}

/** A row that appends to a rule list of the section in which it stands. */
export interface RulesOption extends OptionText, Value {
  readonly kind: 'rules';
  readonly list: 'network' | 'request';
}

/** `source`: appends to the pool of the section in which it stands. */
export interface SourceOption extends OptionText, Value {
  readonly kind: 'source';
}

export type Option =
  | SettingOption
  | RulesOption
  | SourceOption
  /** `base`, the key of named sections. */
  | (OptionText & { readonly kind: 'base'; readonly metavar: string })
  /** `--config`, and `include` in a file; `--routes`, whose file has a `route` on each line. */
  | (OptionText & {
      readonly kind: 'include';
      readonly holds: 'settings' | 'routes';
      readonly metavar: string;
      readonly fileKeyword: string;
    })
  /** An action instead of serving, command line only; `metavar` when it takes an argument. */
  | (OptionText & {
      readonly kind: 'action';
      readonly action: 'help' | 'version' | 'convert' | 'check' | 'print' | 'explain' | 'healthcheck';
      readonly metavar: string | undefined;
    })
  /** `--as`: the command line is that of another program, which follows after `--`; command line only. */
  | (OptionText & { readonly kind: 'dropin'; readonly metavar: string })
  /** An old name of another row. */
  | (OptionText & { readonly kind: 'alias'; readonly of: string; readonly metavar: string });

/** The word for the value of an option; undefined for a flag, which needs none. */
export function metavarOf(option: Option): string | undefined {
  return option.metavar;
}

/** The value when it is left out; undefined when one is required, or none is allowed. */
export function impliedBy(option: Option): string | undefined {
  return option.kind === 'setting' ? option.implied : undefined;
}

/** The fields of Config that hold one value each, and what that is where it is set. */
type SingleField = Exclude<keyof Config, ListField | BlocksField | 'rules' | 'sections'>;
type ListField =
  | 'listen'
  | 'tlsCert'
  | 'tlsKey'
  | 'auth'
  | 'bind'
  | 'publicAddress'
  | 'nat64Prefixes'
  | 'sixRdPrefixes'
  | 'limits'
  | 'routes';
type BlocksField = 'whitelist' | 'banAllow' | 'proxyProtocol';
type ItemOf<F extends ListField> = Config[F][number];

/** No table default names a file or a service. */
const TABLE: Reading = { origin: {}, folder: '/', portOf: () => undefined };

/** A row for a field with one value: the last setting wins. */
export function single<F extends SingleField>(
  field: F,
  kind: Kind<NonNullable<Config[F]>>,
  row: OptionText & { readonly default?: string; readonly reload: Value['reload'] },
): SettingOption {
  const fallback = row.default === undefined ? undefined : parseDefault(kind, row.default);
  return {
    ...row,
    kind: 'setting',
    metavar: kind.metavar,
    implied: kind.implied,
    words: kind.words,
    default: row.default,
    repeatable: false,
    set(draft, text, reading) {
      const parsed = kind.parse(text, reading);
      if (parsed.kind === 'wrong') return parsed.why;
      draft[field] = parsed.value;
      return undefined;
    },
    reset(draft) {
      // A row without a default stands for a field that may be undefined (the fields are Config's).
      draft[field] = fallback as Config[F];
    },
    get(config) {
      const set = config[field];
      return set === undefined ? [] : [kind.format(set)];
    },
  };
}

/** A row for a field with any number of values: each setting appends one, unless it `clashes` with one before. */
export function many<F extends ListField>(
  field: F,
  kind: Kind<ItemOf<F>>,
  row: OptionText & {
    readonly default?: string;
    readonly reload: Value['reload'];
    readonly clashes?: (one: ItemOf<F>, other: ItemOf<F>) => string | undefined;
  },
): ListOption {
  const fallback = row.default === undefined ? [] : [parseDefault(kind, row.default)];
  const { clashes, ...text } = row;
  return {
    ...text,
    kind: 'setting',
    metavar: kind.metavar,
    default: row.default,
    repeatable: true,
    set(draft, written, reading) {
      const parsed = kind.parse(written, reading);
      if (parsed.kind === 'wrong') return parsed.why;
      const before = listItems(draft, field);
      const clash = before.map((item) => clashes?.(item, parsed.value)).find((why) => why !== undefined);
      if (clash === undefined) draft[field] = [...before, parsed.value] as unknown as Config[F];
      return clash;
    },
    reset(draft) {
      draft[field] = fallback as unknown as Config[F];
    },
    get: (config) => listItems(config, field).map((item) => kind.format(item)),
    // The array itself: set() makes another.
    isDefault: (config) => (config[field] as unknown) === fallback,
  };
}

/** A row for a field with blocks of addresses: each setting appends all of its list. */
export function blocks(
  field: BlocksField,
  row: OptionText & { readonly default?: string; readonly reload: Value['reload'] },
): SettingOption {
  const fallback = row.default === undefined ? [] : parseDefault(BLOCKS, row.default);
  return {
    ...row,
    kind: 'setting',
    metavar: BLOCKS.metavar,
    default: row.default,
    repeatable: true,
    set(draft, text, reading) {
      const parsed = BLOCKS.parse(text, reading);
      if (parsed.kind === 'wrong') return parsed.why;
      draft[field] = [...(draft[field] ?? []), ...parsed.value];
      return undefined;
    },
    reset(draft) {
      draft[field] = fallback;
    },
    get: (config) => (config[field].length === 0 ? [] : [BLOCKS.format(config[field])]),
  };
}

function listItems<F extends ListField>(config: Draft | Config, field: F): readonly ItemOf<F>[] {
  return config[field] ?? [];
}

function parseDefault<T>(kind: Kind<T>, text: string): T {
  const parsed = kind.parse(text, TABLE);
  if (parsed.kind === 'wrong') throw new TypeError(`default in the option table: ${parsed.why}`);
  return parsed.value;
}
