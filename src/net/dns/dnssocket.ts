// UDP towards one name server. Questions share a socket for a short time, so that 16,384 of them need far fewer
// descriptors; then a new socket takes over, at a new port chosen by the kernel. A forger has to guess both the port
// and the number of a question.
import { randomFillSync } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { monotonicMs } from '../../base/clock.ts';
import { decodeDnsReply, encodeDnsQuestion, type DnsQuestion, type DnsReply } from '../../protocol/dns.ts';
import type { DnsServer } from './resolvconf.ts';

/** Questions per socket; the next one opens a new socket. */
const MAX_QUESTIONS = 64;
const MAX_AGE_MS = 5000;

/** Sockets of one server that still wait for answers; at this number the newest keeps taking questions. */
const MAX_RETIRED = 1;

interface PendingQuestion {
  readonly question: DnsQuestion;
  readonly answer: (reply: DnsReply) => void;
}

export class DnsSocket {
  readonly #server: DnsServer;
  #current: Channel | undefined;
  readonly #retired = new Set<Channel>();

  constructor(server: DnsServer) {
    this.#server = server;
  }

  /**
   * Sends a question. `answer` is called with each reply, or `failed` when the port is closed, until the returned
   * function is called.
   */
  ask(question: Omit<DnsQuestion, 'id'>, answer: (reply: DnsReply) => void): () => void {
    const channel = this.#channel();
    return channel.ask(question, answer, () => {
      if (this.#retired.has(channel) && channel.isIdle) this.#drop(channel);
    });
  }

  /** Takes no more questions; closes when those it has are answered or forgotten. */
  leave(): void {
    if (this.#current !== undefined) this.#retire(this.#current);
  }

  /** Closes at once, without telling the callers that wait. */
  close(): void {
    for (const channel of [...this.#retired, this.#current]) channel?.close();
    this.#retired.clear();
    this.#current = undefined;
  }

  #channel(): Channel {
    const current = this.#current;
    if (current !== undefined && (current.isFresh || this.#retired.size >= MAX_RETIRED)) return current;
    if (current !== undefined) this.#retire(current);
    const channel = new Channel(this.#server, () => this.#retire(channel));
    this.#current = channel;
    return channel;
  }

  #retire(channel: Channel): void {
    if (this.#current === channel) this.#current = undefined;
    if (channel.isIdle) this.#drop(channel);
    else this.#retired.add(channel);
  }

  #drop(channel: Channel): void {
    this.#retired.delete(channel);
    channel.close();
  }
}

/** One connected socket, so that the kernel passes on only datagrams of the server, and reports a closed port. */
class Channel {
  readonly #socket: Socket;
  readonly #asked = new Map<number, PendingQuestion>();
  readonly #openedAt = monotonicMs();
  readonly #broken: () => void;
  #questions = 0;
  /** Messages queued until the socket is connected; undefined afterwards. */
  #waiting: Uint8Array[] | undefined = [];
  #isClosed = false;

  /** `broken`: the socket must take no new questions. */
  constructor({ address, port }: DnsServer, broken: () => void) {
    this.#broken = broken;
    const family = address.includes(':') ? 6 : 4;
    this.#socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      lookup: (host, _options, found) => found(null, host, family),
    });
    this.#socket.unref();
    this.#socket.on('message', (bytes) => this.#take(bytes));
    this.#socket.on('error', (error) => this.#fail(error));
    // The error is an argument here, whatever the types say.
    this.#socket.connect(port, address, (error?: Error) => this.#connected(error));
  }

  get isFresh(): boolean {
    return this.#questions < MAX_QUESTIONS && monotonicMs() - this.#openedAt < MAX_AGE_MS;
  }

  get isIdle(): boolean {
    return this.#asked.size === 0;
  }

  ask(
    question: Omit<DnsQuestion, 'id'>,
    answer: PendingQuestion['answer'],
    forgotten: () => void,
  ): () => void {
    this.#questions += 1;
    const asked = { question: { ...question, id: this.#freeId() }, answer };
    const { id } = asked.question;
    this.#asked.set(id, asked);
    const message = encodeDnsQuestion(asked.question);
    if (this.#waiting === undefined) this.#socket.send(message, this.#sent);
    else this.#waiting.push(message);
    return () => {
      if (this.#asked.delete(id)) forgotten();
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#asked.clear();
    this.#socket.close();
  }

  #freeId(): number {
    for (;;) {
      const id = randomId();
      if (!this.#asked.has(id)) return id;
    }
  }

  #connected(error: Error | undefined): void {
    const messages = this.#waiting ?? [];
    this.#waiting = undefined;
    if (this.#isClosed) return;
    if (error) this.#fail(error);
    else for (const message of messages) this.#socket.send(message, this.#sent);
  }

  readonly #sent = (error: Error | null): void => {
    if (error !== null && !this.#isClosed) this.#fail(error);
  };

  #take(bytes: Uint8Array): void {
    const asked = this.#asked.get(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0));
    const reply = asked && decodeDnsReply(bytes, asked.question);
    if (reply !== undefined) asked?.answer(reply);
  }

  #fail(error: Error): void {
    const asked = [...this.#asked.values()];
    this.#broken();
    for (const { answer } of asked) answer({ kind: 'failed', why: error.message });
  }
}

/** Random numbers are drawn in bulk, for many questions. */
const randomIds = new Uint16Array(256);
let randomAt = randomIds.length;

export function randomId(): number {
  if (randomAt === randomIds.length) {
    randomFillSync(randomIds);
    randomAt = 0;
  }
  return randomIds[randomAt++] ?? 0;
}
