// A channel of lines over a stream socket. Input is bounded by the length of a line, output by the sender: send() says whether
// the other side keeps up, and never waits.
import type { Socket } from 'node:net';

export interface ChannelEnds {
  readonly maxLine: number;
  /** One line, without its end. */
  readonly onLine: (line: string) => void;
  /** The other side has closed, or sent a line without end. */
  readonly onEnd: () => void;
}

export class LineChannel {
  readonly #socket: Socket;
  readonly #ends: ChannelEnds;
  #pieces: string[] = [];
  #length = 0;
  #hasEnded = false;
  #whenDrained: (() => void)[] = [];

  constructor(socket: Socket, ends: ChannelEnds) {
    this.#socket = socket;
    this.#ends = ends;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: unknown) => this.#take(chunk as string));
    socket.on('error', () => this.#end());
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  /** Bytes, at least UTF-16 units, that the other side has not taken yet. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  send(line: string): void {
    if (!this.#hasEnded && this.#socket.writable) this.#socket.write(`${line}\n`, () => this.#wrote());
  }

  /** Calls `listener` once when nothing waits any more; never, where the other side has gone. */
  whenDrained(listener: () => void): void {
    this.#whenDrained.push(listener);
    if (this.waiting === 0) setImmediate(() => this.#wrote());
  }

  close(): void {
    this.#hasEnded = true;
    this.#socket.destroy();
  }

  /** The event "drain" does not come where less waits than a stream takes at once. */
  #wrote(): void {
    if (this.waiting > 0) return;
    for (const tell of this.#whenDrained.splice(0)) tell();
  }

  #take(chunk: string): void {
    const [first = '', ...rest] = chunk.split('\n');
    this.#pieces.push(first);
    this.#length += first.length;
    for (const piece of rest) {
      const line = this.#pieces.join('');
      [this.#pieces, this.#length] = [[piece], piece.length];
      this.#tell(line);
    }
    if (this.#length > this.#ends.maxLine) this.#end();
  }

  #tell(line: string): void {
    if (!this.#hasEnded) this.#ends.onLine(line);
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.close();
    this.#ends.onEnd();
  }
}
