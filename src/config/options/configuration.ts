// Rows of the option table: where the configuration comes from, and what is done instead of serving.
import type { Option } from '../option.ts';

export const CONFIGURATION: readonly Option[] = [
  {
    kind: 'include',
    keyword: 'config',
    short: 'c',
    fileKeyword: 'include',
    metavar: 'FILE',
    summary: 'Reads settings from FILE.',
    details:
      'May be repeated; settings count in the order in which they are met, so a file counts where it stands among ' +
      'the options. In a file the key is `include`, a relative name starts at ' +
      'the folder of the including file, and the line belongs before the first section.',
    example: 'local.conf',
  },
  {
    kind: 'action',
    action: 'check',
    keyword: 'check',
    summary: 'Checks the configuration, prints every problem, and exits.',
    details: 'Needs no privilege and opens no socket.',
  },
  {
    kind: 'action',
    action: 'print',
    keyword: 'print-config',
    summary: 'Prints the configuration with all defaults, as a file that reads back, and exits.',
  },
  {
    kind: 'action',
    action: 'help',
    keyword: 'help',
    short: 'h',
    summary: 'Prints the options and exits.',
  },
  {
    kind: 'action',
    action: 'version',
    keyword: 'version',
    short: 'V',
    summary: 'Prints the version and exits.',
  },
];
