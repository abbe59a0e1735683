// Settings in order of appearance, as the readers of the command line and of files give them to the builder.
import type { Origin } from '../model/config.ts';
import type { Option } from './option.ts';

export interface Setting {
  readonly kind: 'setting';
  readonly option: Option;
  /** The option as the operator wrote it: `maxconn`, `--maxconn`, `-B`. */
  readonly written: string;
  /** undefined where no value was written. */
  readonly text: string | undefined;
  /** Name of the section; '' outside every section. */
  readonly section: string;
  readonly origin: Origin;
  /** The folder where relative file names start. */
  readonly folder: string;
}

/** A section header in a file. */
export interface SectionHeader {
  readonly kind: 'section';
  readonly name: string;
  readonly origin: Origin;
}

export type ConfigEntry = Setting | SectionHeader;
