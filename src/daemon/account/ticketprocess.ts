// The process that reads tickets of Kerberos, pis5tickets (native/tickets). It is started before the drop: a keytab is root's mostly, and
// a confined daemon starts nothing. When it is killed, its own standby takes its place on the same channel.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { enctypeOf } from '../../auth/kerberos/enctypes.ts';
import { decodeTicketAnswer } from '../../auth/kerberos/ticketanswer.ts';
import {
  ANSWER_MS,
  TicketReader,
  type AcceptedTicket,
  type ReaderNews,
} from '../../auth/kerberos/ticketreader.ts';
import type { Ticket, TicketProcess } from '../../auth/kerberos/tickets.ts';
import { packageRoot } from '../../base/packageroot.ts';
import type { Config } from '../../config/model/config.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { resolveAccount } from './accounts.ts';

/** Time to read a keytab. */
const START_MS = 10_000;

/** Where the channel is, as the program knows it. */
const CHANNEL = 3;

/** Settings of the library that an operator may have made for the daemon; nothing else of its environment is passed on. */
const PASSED = ['KRB5_CONFIG', 'KRB5RCACHENAME', 'KRB5RCACHETYPE', 'KRB5RCACHEDIR'];

/** undefined where the configuration has no keytab. `tell` hears what happens to it until it is closed. Rejects with StartFailure. */
export async function openTickets(
  config: Config,
  tell: (news: ReaderNews) => void,
): Promise<TicketProcess | undefined> {
  const { gssapiKeytab } = config;
  if (gssapiKeytab === undefined) return undefined;
  const child = start(gssapiKeytab, accountFor(config));
  const channel = child.stdio[CHANNEL] as Duplex;
  await untilReady(gssapiKeytab, child, channel);
  release(child, channel);
  let isClosed = false;
  const reader = new TicketReader(channel, ANSWER_MS, (news) => {
    if (!isClosed) tell(news);
  });
  return {
    get isUp() {
      return reader.isUp;
    },
    accept: (token, client) => reader.accept(token, client).then(ticketOf),
    close() {
      isClosed = true;
      channel.destroy();
    },
  };
}

interface AccountIds {
  readonly uid: number;
  readonly gid: number;
}

/** Without root it stays the account of the daemon. */
function accountFor({ gssapiUser }: Config): AccountIds {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  if (uid !== 0) return { uid, gid };
  const account = resolveAccount(gssapiUser, undefined)?.account;
  if (account === undefined) throw new StartFailure(EXIT.CONFIG, `gssapi-user ${gssapiUser} is unknown`);
  return account;
}

function start(keytab: string, { uid, gid }: AccountIds): ChildProcess {
  const program = programFile();
  if (program === undefined)
    throw failure(
      keytab,
      'there is no program pis5tickets for this platform; build it ("make engine" with a C compiler, on Linux)',
    );
  const env = Object.fromEntries(
    PASSED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return spawn(program, [keytab, String(uid), String(gid)], {
    cwd: '/',
    env,
    // Not in the group of a terminal, whose Ctrl-C is for the daemon.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
}

/** Beside the addon: built here, or brought along by a release. */
function programFile(): string | undefined {
  const places = ['build/Release', `prebuilds/${process.platform}-${process.arch}`];
  return places
    .map((place) => fileURLToPath(new URL(`${place}/pis5tickets`, packageRoot())))
    .find((path) => existsSync(path));
}

async function untilReady(keytab: string, child: ChildProcess, channel: Duplex): Promise<void> {
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(0, 1000)));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(said.trim() || 'it ended without a word'));
  });
  // Its last words stand on stderr.
  channel.on('error', () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`it was not ready within ${START_MS / 1000} s`), START_MS);
  });
  const why = await Promise.race([
    ended,
    late,
    once(channel, 'data').then(
      ([bytes]) => whyNotReady(bytes as Buffer),
      () => ended,
    ),
  ]);
  clearTimeout(timer);
  if (why === undefined) return;
  child.kill('SIGKILL');
  throw failure(keytab, why);
}

function whyNotReady(bytes: Uint8Array): string | undefined {
  const decoded = decodeTicketAnswer(bytes);
  const isReady = decoded.kind === 'done' && decoded.value.answer.kind === 'ready';
  return isReady ? undefined : 'it is of another version than the rest of picosocks5';
}

/** A daemon that has nothing else to do ends, and this process with it. */
function release(child: ChildProcess, channel: Duplex): void {
  child.unref();
  for (const stream of [channel, child.stderr] as readonly unknown[])
    (stream as { unref?: () => void }).unref?.();
}

function failure(keytab: string, why: string): StartFailure {
  return new StartFailure(
    EXIT.CONFIG,
    `gssapi-keytab ${keytab}: tickets cannot be read: ${why}; docs/logins.md says what GSSAPI needs`,
  );
}

/** Keys of types that protect nothing here are left out. */
function ticketOf({ principal, token, flags, key }: AcceptedTicket): Ticket {
  const enctype = enctypeOf(key.type);
  const isUsable = enctype !== undefined && key.bytes.length === enctype.keyBytes;
  return {
    principal,
    token,
    flags,
    keyType: key.type,
    key: isUsable ? { ...key, enctype, key: key.bytes } : undefined,
  };
}
