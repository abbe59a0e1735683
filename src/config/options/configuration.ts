// Rows of the option table: sources of the configuration, and actions instead of serving.
import type { Option } from './option.ts';

export const CONFIGURATION: readonly Option[] = [
  {
    kind: 'include',
    holds: 'settings',
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
    kind: 'dropin',
    keyword: 'as',
    metavar: 'NAME',
    summary: 'Takes the command line of another program, which follows after `--`.',
    details:
      'NAME is `microsocks`, `osocks`, `simplesocks5` or `srelay`. `picosocks5` called through a link of that name does the ' +
      'same. Options of its own may stand before the `--`: they count after those of the other program. With ' +
      '`--print-config` it prints the configuration that is equivalent. See docs/drop-in.md.',
  },
  {
    kind: 'action',
    action: 'check',
    metavar: undefined,
    keyword: 'check',
    summary: 'Checks whether a daemon would start with this configuration, prints every problem, and exits.',
    details:
      'Goes the way of a start beside a daemon that serves: account, addresses (free, or taken by the daemon of this ' +
      'configuration), the folders of `pidfile`, `control` and `state`, the drop of privileges, and whether the account may ' +
      'read what a reload reads. Listens nowhere and changes nothing. Root sees all of it, and where systemd starts the ' +
      'daemon, takes the place of the account of its unit; another account is told what it could not look at. The exit ' +
      'status is that of the start.',
  },
  {
    kind: 'action',
    action: 'print',
    metavar: undefined,
    keyword: 'print-config',
    summary: 'Prints the configuration with all defaults, as a file that reads back, and exits.',
  },
  {
    kind: 'action',
    action: 'explain',
    keyword: 'explain',
    metavar: 'QUERY',
    summary: 'Tells what the rules say about a request, and which lines say it, and exits.',
    details:
      'QUERY is one argument such as `user=alice client=10.1.2.3 connect example.org:25`: who asks (`user=`, `group=`, ' +
      '`userid=`), from where (`client=`), for what, and when, if not now (`time=fri@22:30`). A name is not looked up: ' +
      '`ip=ADDRESS` says what it stands for, `ip=lookup` asks the resolver. The exit status is 0 where it is ' +
      'allowed and 1 where it is denied. Needs no privilege but to read the files.',
  },
  {
    kind: 'action',
    action: 'convert',
    keyword: 'convert',
    metavar: 'danted FILE',
    summary:
      'Prints the configuration that FILE, a danted.conf or sockd.conf of Dante, amounts to, and exits.',
    details:
      'Statements that could not be converted are reported with their lines, and are comments with the word LEFT in the output; ' +
      'the exit status is then 1. Read FILE where Dante runs: interfaces stand for their addresses. See docs/migrating.md.',
  },
  {
    kind: 'action',
    action: 'healthcheck',
    metavar: undefined,
    keyword: 'healthcheck',
    summary: 'Asks the daemon of this configuration whether it serves, and exits.',
    details:
      'Greets the first listen address as a client does, waits up to 2 s, and prints one line; the exit status is 0 with an ' +
      'answer and 1 without. `picosocks5 healthcheck` is the same. Give it the options and variables of the daemon.',
  },
  {
    kind: 'action',
    action: 'help',
    metavar: undefined,
    keyword: 'help',
    short: 'h',
    summary: 'Prints the options and exits.',
  },
  {
    kind: 'action',
    action: 'version',
    metavar: undefined,
    keyword: 'version',
    short: 'V',
    summary: 'Prints the version and exits.',
  },
];
