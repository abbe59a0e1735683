// The starter: a process of its own that starts the programs which are asked about logins. The daemon forks it before it gives up its
// privileges and the right to start programs; the only command that it can start stands in its arguments, and it parses no client's byte.
import type { Child } from '../../auth/sources/place.ts';
import { localChildren } from '../../auth/sources/localchildren.ts';
import { concatBytes } from '../../base/bytes.ts';
import {
  decodeFrame,
  encodeFrame,
  FRAME,
  type Frame,
  MAX_FRAME_BYTES,
} from '../../protocol/logins/starterframes.ts';
import type { UnixAccount } from '../account/accounts.ts';
import { dropPrivileges } from '../account/privileges.ts';

/** `null`: it keeps its account. */
type WantedAccount = UnixAccount | null;

/** For the end of children that have been killed. */
const END_LIMIT_MS = 500;

const [wanted = 'null', ...command] = process.argv.slice(2);
const children = localChildren(command);
const started = new Map<number, Child>();
let heard: Uint8Array = new Uint8Array(0);
let isPaused = false;
let isOver = false;

/** The end of the daemon is the end of this process; signals that a terminal or a supervisor sends to all are the daemon's to answer. */
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const) {
  process.on(signal, () => undefined);
}
process.stdout.on('error', end);
process.stdin.on('error', end).on('end', end);
begin(JSON.parse(wanted) as WantedAccount);

function begin(account: WantedAccount): void {
  try {
    process.umask(0o077);
    const identity = account === null ? `uid ${process.getuid?.() ?? 'unknown'}` : dropPrivileges(account);
    tell({ kind: FRAME.READY, child: 0, bytes: Buffer.from(identity) });
    process.stdin.on('data', hear);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stdout.write(encodeFrame({ kind: FRAME.FAILED, child: 0, bytes: Buffer.from(why) }), end);
  }
}

/** Waits for the children, which would be orphans otherwise. */
function end(): void {
  isOver = true;
  children.close();
  if (started.size === 0) process.exit(0);
  setTimeout(() => process.exit(0), END_LIMIT_MS);
}

function hear(bytes: Uint8Array): void {
  heard = concatBytes(heard, bytes);
  for (;;) {
    const decoded = decodeFrame(heard);
    if (decoded.kind === 'more') return;
    if (decoded.kind === 'bad') {
      end();
      return;
    }
    heard = heard.subarray(decoded.size);
    obey(decoded.value);
  }
}

function obey({ kind, child, bytes }: Frame): void {
  if (kind === FRAME.INPUT) started.get(child)?.write(bytes);
  else if (kind === FRAME.END) started.get(child)?.kill();
  else if (kind === FRAME.START && !isOver && !started.has(child)) start(child);
}

function start(child: number): void {
  started.set(
    child,
    children.start({
      output: (bytes) => tellBytes(FRAME.OUTPUT, child, bytes),
      errors: (bytes) => tellBytes(FRAME.ERRORS, child, bytes),
      ended: (why) => {
        started.delete(child);
        if (isOver && started.size === 0) process.exit(0);
        tell({ kind: FRAME.ENDED, child, bytes: Buffer.from(why) });
      },
    }),
  );
}

function tellBytes(kind: typeof FRAME.OUTPUT | typeof FRAME.ERRORS, child: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += MAX_FRAME_BYTES)
    tell({ kind, child, bytes: bytes.subarray(at, at + MAX_FRAME_BYTES) });
}

/** A program is not read while the daemon does not keep up. */
function tell(frame: Frame): void {
  if (process.stdout.write(encodeFrame(frame)) || isPaused) return;
  isPaused = true;
  children.pause();
  process.stdout.once('drain', () => {
    isPaused = false;
    children.resume();
  });
}
