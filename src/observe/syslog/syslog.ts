// Chooses the way to syslog: a server on the network, a datagram socket of our own, or logger(1).
import type { SyslogTarget } from '../../config/model/config.ts';
import type { DroppedLine, Sink, Warn } from '../lines/line.ts';
import { LocalSyslog } from './localsyslog.ts';
import { openLoggerSender, type LoggerChoice } from './loggersender.ts';
import { openRemoteSyslog } from './remotesyslog.ts';
import { socketSender } from './socketsender.ts';
import type { LogSocket } from './syslogsender.ts';

export interface SyslogOptions {
  readonly syslog: SyslogTarget;
  readonly ident: string;
  readonly pid: number;
  /** Tells the operator about trouble with the log itself, when it opens and while it runs. */
  readonly warn: Warn;
  /** Account that the daemon drops to later, if it does: children of the log run as it. */
  readonly runAs?: { readonly uid: number; readonly gid: number } | undefined;
  /** Non-blocking datagram sockets, where the native addon has them; without, logger(1) is started. */
  readonly datagramSocket?: ((path: string) => LogSocket) | undefined;
}

/** Opens the way out; undefined, after a warning, where this host has none. Never rejects. */
export async function openSyslog(
  options: SyslogOptions,
  droppedLine: DroppedLine,
): Promise<Sink | undefined> {
  const { syslog, ident, pid, warn, datagramSocket } = options;
  if (syslog.kind === 'remote') return openRemoteSyslog(syslog, `${ident}[${pid}]`, droppedLine, warn);
  const header = { path: syslog.path, ident, pid };
  if (datagramSocket !== undefined) {
    return new LocalSyslog(socketSender(datagramSocket(syslog.path), header, warn), droppedLine);
  }
  return openThroughLogger({ ...header, runAs: options.runAs }, droppedLine, warn);
}

async function openThroughLogger(
  choice: LoggerChoice,
  droppedLine: DroppedLine,
  warn: Warn,
): Promise<Sink | undefined> {
  let sink: LocalSyslog | undefined;
  try {
    const sender = await openLoggerSender(choice, () => sink?.wake(), warn);
    sink = new LocalSyslog(sender, droppedLine);
  } catch (error) {
    warn(
      `cannot log to ${choice.path}: cannot run logger: ${(error as Error).message}; logging to standard error ` +
        'instead; install logger (util-linux; on Debian the package bsdutils), or set logmode or syslog',
    );
  }
  return sink;
}
