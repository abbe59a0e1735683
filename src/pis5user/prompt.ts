// Passwords from people and from pipes.
import { Pis5userFailure, STATUS } from './failure.ts';
import type { PasswordSource } from './commandline.ts';
import { readTyped } from './lineeditor.ts';

/** Longer than any password: endless input without a line end is cut off. */
const MAX_LINE = 64 * 1024;

/** A new password, asked for twice on a terminal. */
export async function askNewPassword(user: string, from: PasswordSource): Promise<Buffer> {
  if (!onTerminal(from)) return readLine();
  const [first, second] = await askOnTerminal([`New password for ${user}: `, 'Once more: ']);
  if (first === undefined || second === undefined || !first.equals(second)) {
    throw new Pis5userFailure(STATUS.DATA, 'the two passwords differ; nothing was changed');
  }
  return first;
}

/** A password to be checked. */
export async function askPassword(user: string, from: PasswordSource): Promise<Buffer> {
  if (!onTerminal(from)) return readLine();
  const [password] = await askOnTerminal([`Password of ${user}: `]);
  return password ?? Buffer.alloc(0);
}

function onTerminal(from: PasswordSource): boolean {
  return from === 'ask' && process.stdin.isTTY;
}

/** The first line of stdin, without its end. */
async function readLine(): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of process.stdin) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.includes('\n') || bytes.length > MAX_LINE) break;
  }
  const end = bytes.indexOf('\n');
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}

/** Echo stays off from the first question to the last answer, also for input typed ahead. */
async function askOnTerminal(questions: readonly string[]): Promise<Buffer[]> {
  const { stdin, stderr } = process;
  const keys = stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const answers: Buffer[] = [];
  let typed: Buffer = Buffer.alloc(0);
  stdin.setRawMode(true);
  try {
    for (const question of questions) {
      stderr.write(question);
      const { line, rest } = await askTyped(keys, typed);
      stderr.write('\r\n');
      answers.push(line);
      typed = rest;
    }
  } finally {
    stdin.setRawMode(false);
    stdin.destroy();
  }
  return answers;
}

async function askTyped(
  keys: AsyncIterator<Buffer>,
  typedAhead: Buffer,
): Promise<{ line: Buffer; rest: Buffer }> {
  let bytes = typedAhead;
  for (;;) {
    const typed = readTyped(bytes);
    if (typed.kind === 'line') return typed;
    if (typed.kind === 'interrupted')
      throw new Pis5userFailure(STATUS.INTERRUPTED, 'interrupted; nothing was changed');
    const next = await keys.next();
    if (next.done) throw new Pis5userFailure(STATUS.NO_INPUT, 'the terminal was closed; nothing was changed');
    bytes = Buffer.concat([bytes, next.value]);
  }
}
