// The accounting of a daemon, from the first session to the last record; nothing where none is wanted.
import type { Config } from '../../config/model/config.ts';
import { datagramSocket } from '../../net/native/datagram.ts';
import { Accountant, type AccountedSessions } from '../../observe/figures/accountant.ts';
import { openAccountBook, type AccountBook } from '../../observe/figures/accounting.ts';
import type { Log } from '../../observe/log.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import type { Report } from '../../session/events.ts';
import type { Native } from '../host/transport.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { osFailure } from '../unix/osfailure.ts';

export interface Bookkeeping {
  readonly hearing: (next: Report) => Report;
  /** To be called as the service account, which has to open the file again at each rotation. Rejects with StartFailure. */
  open(parts: BookParts, sessions: AccountedSessions): Promise<void>;
  /** For a reload. */
  follow(config: Config): void;
  reopen(log: Log): void;
  /** Settles when each record is written, or after `limitMs`. */
  close(limitMs: number): Promise<void>;
}

export interface BookParts {
  readonly config: Config;
  readonly log: Log;
  readonly native: Native;
}

export type OpenBook = (parts: BookParts) => Promise<AccountBook>;

const NONE: Bookkeeping = {
  hearing: (next) => next,
  open: () => Promise.resolve(),
  follow: () => undefined,
  reopen: () => undefined,
  close: () => Promise.resolve(),
};

export function bookkeepingOf({ accounting, inetd }: Config, open: OpenBook = openBook): Bookkeeping {
  if (accounting === undefined || inetd) return NONE;
  let book: AccountBook | undefined;
  const accountant = new Accountant((record) => book?.write(record));
  return {
    hearing: (next) => accountant.hearing(next),
    async open(parts, sessions) {
      book = await open(parts);
      accountant.follow(parts.config.accountingIntervalMs, sessions);
    },
    follow: ({ accountingIntervalMs }) => accountant.follow(accountingIntervalMs),
    reopen: (log) => reopenBook(book, accounting, log),
    close(limitMs) {
      accountant.stop();
      return closeBook(book, limitMs);
    },
  };
}

/** For rotation. */
export function reopenBook(book: AccountBook | undefined, accounting: Config['accounting'], log: Log): void {
  if (book === undefined || accounting === undefined) return;
  try {
    book.reopen();
  } catch (error) {
    const sentence = `cannot open ${fileOf(accounting)} again: ${systemReason(error)}; records go on to the file before`;
    log.write('err', 'accounting', {}, sentence);
  }
}

/** Settles when each record is written, or after `limitMs`. */
export async function closeBook(book: AccountBook | undefined, limitMs: number): Promise<void> {
  await Promise.race([book?.drained(), new Promise((settle) => setTimeout(settle, limitMs).unref())]);
}

type Target = NonNullable<Config['accounting']>;

/** To be called as the service account. Rejects with StartFailure. */
export function openBook({ config, log, native: { addon } }: BookParts): Promise<AccountBook> {
  const { accounting: target, accountingFormat: format, foreground, syslog } = config;
  if (target === undefined) throw new TypeError('there is no accounting');
  if (target.kind === 'output' && !foreground)
    throw new StartFailure(
      EXIT.USAGE,
      'accounting = -: a daemon in the background has no standard output; set nofork, or name a file',
    );
  const tell = (level: 'err' | 'notice', sentence: string): void =>
    log.write(level, 'accounting', {}, sentence);
  const options = {
    syslog,
    ident: 'picosocks5',
    pid: process.pid,
    warn: (sentence: string) => tell('err', sentence),
    datagramSocket: addon && ((path: string) => datagramSocket(addon, path)),
  };
  return openAccountBook({ target, format, tell, syslog: options }).catch((error: unknown) => {
    const who = 'the service account must be able to write it, and to make it anew in its folder';
    throw osFailure(`cannot open accounting = ${fileOf(target)}: ${systemReason(error)}; ${who}`, error);
  });
}

function fileOf(target: Target): string {
  return target.kind === 'file' ? target.path : target.kind;
}
