// One program on the control socket: a line in, a line out, one after the other. The daemon never waits for it: a program that
// does not read its answer, stays silent for long, or sends an endless line is dropped.
import type { Socket } from 'node:net';
import { encodeAnswer } from '../../control/controlanswer.ts';
import { MAX_REQUEST_BYTES } from '../../control/controlmessage.ts';

/** The answer to one line, with its end; `from` is the connection. Never rejects because of the content of the line. */
export type Ask = (line: string, from: Socket) => Promise<string>;

export interface ConversationTimes {
  /** Time for the next request. */
  readonly idleMs: number;
  /** Time for the program to read an answer. */
  readonly answerMs: number;
}

const PATIENCE: ConversationTimes = { idleMs: 60_000, answerMs: 10_000 };

/** Settles when the program has gone or was dropped; the socket is closed then. Rejects with what `ask` rejects with. */
export async function converseWithOperator(socket: Socket, ask: Ask, patience = PATIENCE): Promise<void> {
  socket.on('timeout', () => socket.destroy());
  socket.setTimeout(patience.idleMs);
  for await (const line of requestLines(socket)) {
    socket.setTimeout(0);
    if (!(await isWritten(socket, await ask(line, socket), patience.answerMs))) break;
    socket.setTimeout(patience.idleMs);
  }
  socket.destroySoon();
}

/** Refuses a program beyond the limit. */
export function turnAway(socket: Socket): void {
  const message = 'too many programs talk to the daemon at once; try again later';
  socket.end(encodeAnswer({ ok: false, code: 'busy', message }));
  socket.destroySoon();
}

/** Lines without their ends. One without an end that is too long comes as it is, and is the last one. */
async function* requestLines(socket: Socket): AsyncGenerator<string, void, void> {
  let rest = '';
  socket.setEncoding('utf8');
  try {
    for await (const chunk of socket) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length < MAX_REQUEST_BYTES) continue;
      yield rest;
      return;
    }
  } catch {
    // The program has gone, or was dropped: the error has no reader.
  }
}

/** Whether all of `text` was taken in time. */
function isWritten(socket: Socket, text: string, withinMs: number): Promise<boolean> {
  const timer = setTimeout(() => socket.destroy(), withinMs);
  return new Promise((resolve) => {
    socket.write(text, (error) => {
      clearTimeout(timer);
      // Node reports no error when we destroyed the socket ourselves.
      resolve(!socket.destroyed && !error);
    });
  });
}
