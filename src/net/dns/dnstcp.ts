// Questions over TCP (RFC 7766), for answers that are too long for a datagram: a connection for each, a few at a time.
import { createConnection, type Socket } from 'node:net';
import { decodeDnsReply, encodeDnsQuestion, type DnsQuestion, type DnsReply } from '../../protocol/dns.ts';
import { randomId } from './dnssocket.ts';
import type { AskServer } from './inquiry.ts';
import type { DnsServer } from './resolvconf.ts';

/** Connections at a time; further questions wait for their turn. */
const MAX_CONNECTIONS = 4;

export class DnsOverTcp {
  #open = 0;
  readonly #waiting = new Set<() => void>();

  /** `answer` is called once, unless the returned function is called first. */
  readonly ask: AskServer = (server, question, answer) => {
    let socket: Socket | undefined;
    const start = (): void => {
      this.#open += 1;
      socket = exchange(server, { ...question, id: randomId() }, answer);
      socket.once('close', () => {
        this.#open -= 1;
        this.#goOn();
      });
    };
    if (this.#open < MAX_CONNECTIONS) start();
    else this.#waiting.add(start);
    return () => {
      this.#waiting.delete(start);
      socket?.destroy();
    };
  };

  #goOn(): void {
    const [next] = this.#waiting;
    if (next === undefined || this.#open >= MAX_CONNECTIONS) return;
    this.#waiting.delete(next);
    next();
  }
}

/** Answers before `close`, but not when the caller has destroyed the socket. */
function exchange(
  { address, port }: DnsServer,
  question: DnsQuestion,
  answer: (reply: DnsReply) => void,
): Socket {
  const socket = createConnection({ host: address, port });
  const message = encodeDnsQuestion(question);
  let received: Uint8Array = Buffer.alloc(0);
  const end = (reply: DnsReply): void => {
    if (socket.destroyed) return;
    socket.destroy();
    answer(reply);
  };
  socket.unref();
  socket.write(Buffer.concat([Uint8Array.of(message.length >> 8, message.length & 0xff), message]));
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    const whole = messageIn(received);
    const reply = whole && (decodeDnsReply(whole, question) ?? UNRELATED);
    if (reply !== undefined) end(reply.kind === 'truncated' ? UNRELATED : reply);
  });
  socket.once('end', () => end({ kind: 'failed', why: 'it has closed the connection' }));
  // Node has already destroyed the socket here.
  socket.once('error', (error) => answer({ kind: 'failed', why: error.message }));
  return socket;
}

const UNRELATED: DnsReply = { kind: 'failed', why: 'an answer to something else' };

/** The message behind its length of two bytes. */
function messageIn(bytes: Uint8Array): Uint8Array | undefined {
  const size = 2 + (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0));
  return bytes.length < 2 || bytes.length < size ? undefined : bytes.subarray(2, size);
}
