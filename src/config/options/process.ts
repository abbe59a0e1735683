// Rows of the option table: the process, its log, and what else is seen of it.
import type { AccountingFormat } from '../model/accounting.ts';
import type { ConfineChoice, LogFormat, LogLevel, LogMode } from '../model/config.ts';
import { ACCOUNTING, METRICS_ADDRESS, PAGE, SOCKET_PATH, WORKERS } from '../values/control.ts';
import { SYSLOG_TARGET } from '../values/endpoints.ts';
import { choice, DURATION, FLAG, path, word } from '../values/kinds.ts';
import { single, type Option } from './option.ts';

export const PROCESS: readonly Option[] = [
  single('user', word('USER'), {
    keyword: 'user',
    short: 'u',
    reload: 'restart',
    summary: 'Runs as USER, a name or number, once everything that needs root is open.',
    details: 'Files that a reload reads must be readable for USER.',
    example: 'nobody',
  }),
  single('group', word('GROUP'), {
    keyword: 'group',
    short: 'g',
    reload: 'restart',
    summary: 'Runs with GROUP, a name or number, instead of the primary group of the user.',
    details:
      'Needs `user`. If no such group exists and GROUP is the name of the user, as nobody on Debian, the primary group ' +
      'is taken with a warning.',
    example: 'nogroup',
  }),
  single('chroot', path('DIR'), {
    keyword: 'chroot',
    reload: 'restart',
    summary: 'Makes DIR the root folder after start; needs `user`.',
    details:
      'Files that are read later must be inside DIR under the same names: the configuration and user files for a reload, ' +
      '/etc/hosts and /etc/resolv.conf for names.',
    example: '/var/empty',
  }),
  single('confine', choice<ConfineChoice>('WHEN', ['auto', 'yes', 'no']), {
    keyword: 'confine',
    default: 'auto',
    reload: 'restart',
    summary: 'Gives up, once everything is open, what a daemon that serves does not need.',
    details:
      'No program can be started and no right be gained afterwards, dangerous system calls are refused, and only files that a ' +
      'reload needs can be opened: those of the system, and the folders of the files that were named at the start. `auto` does ' +
      'as much as kernel and native addon can, and the `started` record tells what holds; `yes` does not start where a part ' +
      'cannot hold; `no` leaves an intruder in the daemon everything that its account may do: starting programs, ' +
      'reading every file of the account, and trying the kernel for holes.',
  }),
  single('workers', WORKERS, {
    keyword: 'workers',
    default: '1',
    reload: 'restart',
    summary: 'Serves with N processes below one parent; `auto` takes one for each processor.',
    details:
      'One is enough for about 10,000 new connections a second. With more, a parent that serves nobody opens the listeners and ' +
      'owns `pidfile`, `control`, `state`, `ready`, `metrics` and `accounting`; all workers accept on the same listeners, and limits, quotas, bans and ' +
      '`auth-once` hold over all of them, as docs/workers.md says how exactly. A worker that dies or hangs takes its sessions ' +
      'along, and another one takes its place. Needs the native addon; not together with `chroot` and `inetd`.',
    example: 'auto',
  }),
  single('foreground', FLAG, {
    keyword: 'nofork',
    default: 'no',
    reload: 'restart',
    summary: 'Stays in the foreground.',
    details: 'Implied by `logmode` `stderr` and `combined`.',
  }),
  single('inetd', FLAG, {
    keyword: 'inetd',
    default: 'no',
    reload: 'restart',
    summary: 'Serves the one client on standard input and exits, as inetd(8) wants it.',
    details:
      'For `stream tcp nowait` in inetd.conf(5), or a socket unit with Accept=yes and a service with StandardInput=socket. Stays ' +
      'in the foreground; where standard error is the client, everything is logged to syslog. `listen`, `pidfile`, `control` ' +
      'and `state` have no effect then, and limits, bans and `auth-once` know this client only.',
  }),
  single('pidFile', path('FILE'), {
    keyword: 'pidfile',
    reload: 'restart',
    summary: 'Writes the process id to FILE and removes it at exit.',
    details:
      'Where another daemon that still runs holds FILE, this one does not start; a file left by a dead one is replaced. A daemon ' +
      'started by root accepts only a folder that root alone may change, such as /run; the same holds for `control` and, without ' +
      '`user`, `state`. A file that the service account may not remove stays there until the next start.',
    example: '/run/picosocks5.pid',
  }),
  single('control', SOCKET_PATH, {
    keyword: 'control',
    reload: 'restart',
    summary: 'Listens at PATH, a Unix socket, for pis5ctl(8).',
    details:
      'Only root and the service account may use it: they see every session and may end it. The folder ' +
      'must exist, and be root’s where root starts the daemon (see `pidfile`). Where a daemon that still runs listens at PATH, this one does not start; a socket left by a dead one is ' +
      'replaced.',
    example: '/run/picosocks5/control',
  }),
  single('takeover', FLAG, {
    keyword: 'takeover',
    default: 'no',
    reload: 'restart',
    summary: 'Takes the listeners over from the daemon that runs at `control`, which then drains and ends.',
    details:
      'No client is refused meanwhile, and sessions of the old daemon go on for its `drain` time; if this start fails, it ' +
      'keeps serving. If no daemon runs, this is a start like any other. Needs `control` and the native addon. docs/service.md ' +
      'tells when to use it.',
  }),
  single('stateFile', path('FILE'), {
    keyword: 'state',
    reload: 'restart',
    summary:
      'Keeps in FILE what outlives a restart: bytes of day and month, bans, and clients known by `auth-once`.',
    details:
      'The service account writes it, a new file beside it first, so it needs a folder of its own that this account may ' +
      'write to. Written every minute when something has changed, at a reload and at the end.',
    example: '/var/lib/picosocks5/state.json',
  }),
];

export const LOGGING: readonly Option[] = [
  single('logMode', choice<LogMode>('MODE', ['syslog', 'stderr', 'combined']), {
    keyword: 'logmode',
    short: 'L',
    default: 'syslog',
    reload: 'restart',
    summary: 'Logs to `syslog`, `stderr`, or both (`combined`).',
    details: '`stderr` and `combined` keep the daemon in the foreground.',
  }),
  single(
    'logLevel',
    choice<LogLevel>('LEVEL', ['err', 'warn', 'notice', 'info', 'debug', 'none'], { error: 'err' }),
    {
      keyword: 'loglevel',
      short: 'v',
      default: 'info',
      reload: 'live',
      summary: 'Logs what matters at least as much as LEVEL.',
      details: '`err`, `warn`, `notice`, `info`, `debug`, or `none` for nothing; `error` is read as `err`.',
    },
  ),
  single('logFormat', choice<LogFormat>('FORMAT', ['text', 'json']), {
    keyword: 'log-format',
    default: 'text',
    reload: 'live',
    summary: 'Writes each record as `text` or as one `json` object.',
  }),
  single('logNames', FLAG, {
    keyword: 'log-names',
    default: 'no',
    reload: 'restart',
    summary: 'Looks up the names of clients for the log.',
    details:
      'Records of sessions then have `name`, where the address of the client has a name that leads back to it. No client ' +
      'waits for that: a record written before the answer comes lacks it.',
  }),
  single('syslog', SYSLOG_TARGET, {
    keyword: 'syslog',
    default: 'local',
    reload: 'restart',
    summary: 'Says where syslog records go.',
    details:
      '`local` is /dev/log, `unix:/PATH` another socket of this host, `udp:HOST[:PORT]` and `tcp:HOST[:PORT]` a remote ' +
      'log server, by default at port 514.',
  }),
];

export const OBSERVING: readonly Option[] = [
  single('metrics', METRICS_ADDRESS, {
    keyword: 'metrics',
    // It is opened before the drop, and what it needs is loaded then.
    reload: 'restart',
    summary: 'Answers Prometheus there: `GET /metrics`, and `/ready` as `ready` does.',
    details:
      'PORT alone is one of 127.0.0.1. Whoever reaches ADDRESS may read all numbers; none of them names a client, a user or a destination. ' +
      'With `tls:` it is asked over TLS, with the certificates of `tls-cert`, and only users of `page` may read them. ' +
      'PATH has a / in it and is a Unix socket for the service account and root. Costs about 11 MB of memory. See docs/metrics.md.',
    example: '127.0.0.1:9180',
  }),
  single('page', PAGE, {
    keyword: 'page',
    // The file is read, and what the page takes is loaded, before the drop.
    reload: 'restart',
    summary:
      'Shows a page at the address of `metrics`: sessions, plots of the last hour, refusals, bans, ways.',
    details:
      'It names clients, users and destinations. FILE is a file of users as for `auth`, who log in to see it; `anybody` shows it to every ' +
      'account of this host. Without `tls:` before its address `metrics` must be a path or a port of loopback. Over TLS a client has ten ' +
      'wrong passwords a minute, and is banned as `ban-after` says. Read-only. See docs/metrics.md.',
    example: '/etc/picosocks5/viewers',
  }),
  single('accounting', ACCOUNTING, {
    keyword: 'accounting',
    // It is opened before the confinement, which grants its folder.
    reload: 'restart',
    summary: 'Writes records for accounts to FILE: who has moved how many bytes, where to and when.',
    details:
      'One record when a session has got what it asked for, one each `accounting-interval`, one at its end. `syslog` sends them to where ' +
      '`syslog` says, `-` writes them to standard output. FILE is opened by the service account, and again at each reload: rename it and ' +
      'reload, and a new one is begun. A disk that is full delays no session. `pis5ctl usage` adds up. See docs/accounting.md.',
    example: '/var/log/picosocks5/accounting',
  }),
  single('accountingFormat', choice<AccountingFormat>('FORM', ['json', 'csv']), {
    keyword: 'accounting-format',
    default: 'json',
    reload: 'restart',
    summary: 'Writes each of these records as a JSON object, or as a row of CSV.',
  }),
  single('accountingIntervalMs', DURATION, {
    keyword: 'accounting-interval',
    default: '10m',
    reload: 'live',
    summary:
      'Writes a record of each session that goes on, each TIME and at midnight; `0`: at midnight alone.',
  }),
];
