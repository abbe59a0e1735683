// `pis5user add FILE -`: users from a list on standard input, USER:PASSWORD on each line as chpasswd(8) has it. All of them are added,
// or none. Hashing takes long by intent, so it is done on all processors, and shows how far it is.
import { availableParallelism } from 'node:os';
import { displayText } from '../base/bytes.ts';
import { monotonicMs } from '../base/clock.ts';
import { print } from '../daemon/unix/output.ts';
import { Progress } from '../daemon/unix/progress.ts';
import type { Pis5userCommand } from './commandline.ts';
import { fieldProblem, groupField, mustTake, printable } from './commands.ts';
import { addUsersTo, splitLines, usersIn, type UserLine } from './edit.ts';
import { Pis5userFailure, STATUS } from './failure.ts';
import { changeUsers, readUsers } from './file.ts';
import { hashBeside, mustBeUsable } from './hashing.ts';

type AddMany = Extract<Pis5userCommand, { kind: 'add-many' }>;

const MAX_LIST_BYTES = 64 * 1024 * 1024;
/** Complaints about one list that are told. */
const MAX_TOLD = 10;

interface Listed {
  readonly line: number;
  /** A byte string. */
  readonly user: string;
  readonly password: Buffer;
}

export async function addUsers(command: AddMany): Promise<void> {
  const { file, missingFile, hash, group } = command;
  const groupBytes = group === undefined ? undefined : groupField(group);
  const before = readUsers(file, missingFile);
  mustTake(before, command);
  const listed = parseList(await readList());
  mustBeRight([...complaintsAbout(listed, command), ...doublesIn(listed, before, file)]);
  const hashes = await hashAll(listed, hash);
  const lines = listed.map(({ user }, at): UserLine => {
    return {
      user,
      group: groupBytes,
      hash: hashes[at] ?? '',
      fields: hash.method === 'chap' ? 'three' : 'two',
    };
  });
  changeUsers(file, missingFile, (text) => {
    mustTake(text, command);
    mustBeRight(doublesIn(listed, text, file));
    return addUsersTo(text, lines);
  });
  print('pis5user', `added ${listed.length === 1 ? 'one user' : `${listed.length} users`} to ${file}\n`);
}

/** The whole of standard input. */
async function readList(): Promise<string> {
  if (process.stdin.isTTY)
    throw new Pis5userFailure(
      STATUS.USAGE,
      'the list comes on standard input, not from the terminal, which would show it: pis5user add FILE - <LIST',
    );
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += (chunk as Buffer).length;
    if (size > MAX_LIST_BYTES)
      throw new Pis5userFailure(STATUS.DATA, `the list has more than ${MAX_LIST_BYTES} bytes; divide it`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Empty lines mean nothing. */
function parseList(text: string): readonly Listed[] {
  return splitLines(text).flatMap((raw, at) => {
    const line = raw.replace(/\r?\n$/, '');
    if (line === '') return [];
    const colon = line.indexOf(':');
    const [user, password] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
    return [{ line: at + 1, user, password: Buffer.from(password, 'latin1') }];
  });
}

function complaintsAbout(listed: readonly Listed[], { hash }: AddMany): readonly string[] {
  return listed.flatMap(({ line, user, password }) => {
    const fault = fieldProblem(user);
    if (fault !== undefined) return [`line ${line}: the user name ${fault}`];
    try {
      mustBeUsable(password, hash.method);
      return [];
    } catch (failure) {
      if (!(failure instanceof Pis5userFailure)) throw failure;
      return [`line ${line}: ${failure.message}`];
    }
  });
}

function doublesIn(listed: readonly Listed[], text: string, file: string): readonly string[] {
  const lineOf = new Map<string, number>();
  const known = usersIn(text);
  return listed.flatMap(({ line, user }) => {
    const name = printable(displayText(Buffer.from(user, 'latin1')));
    if (known.has(user)) return [`line ${line}: ${name} is in ${file} already`];
    const earlier = lineOf.get(user);
    if (earlier !== undefined) return [`line ${line}: ${name} stands in line ${earlier} as well`];
    lineOf.set(user, line);
    return [];
  });
}

function mustBeRight(complaints: readonly string[]): void {
  if (complaints.length === 0) return;
  const told = complaints.slice(0, MAX_TOLD);
  const more = complaints.length - told.length;
  const rest = more === 0 ? [] : [`and ${more} more`];
  throw new Pis5userFailure(STATUS.DATA, [...told, ...rest, 'nothing was changed'].join('\n'));
}

/** In the order of the list. */
async function hashAll(listed: readonly Listed[], choice: AddMany['hash']): Promise<readonly string[]> {
  const progress = new Progress(process.stderr, (text) => process.stderr.write(text));
  const hashes: string[] = [];
  const beganAtMs = monotonicMs();
  const stopped = { isOver: false };
  const stop = (): void => void (stopped.isOver = true);
  process.once('SIGINT', stop);
  let [next, done] = [0, 0];
  const work = async (): Promise<void> => {
    for (let at = next++; at < listed.length && !stopped.isOver; at = next++) {
      hashes[at] = await hashBeside(listed[at]?.password ?? Buffer.alloc(0), choice);
      done += 1;
      // Hashes of some kinds are made at once: the signal of Ctrl-C shall be heard.
      if (done % 64 === 0) await new Promise((settle) => setImmediate(settle));
      progress.show(progressOf(done, listed.length, monotonicMs() - beganAtMs));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  process.off('SIGINT', stop);
  progress.clear();
  if (stopped.isOver) throw new Pis5userFailure(STATUS.INTERRUPTED, 'interrupted; nothing was changed');
  return hashes;
}

function progressOf(done: number, all: number, tookMs: number): string {
  const leftSeconds = Math.ceil(((all - done) * tookMs) / done / 1000);
  return `hashed ${done} of ${all} passwords, ${leftSeconds} s to go`;
}
