// Plays one script against a server, over a real socket, and writes down what came of it.
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { resetNow } from '../../src/net/streams/streamleg.ts';
import { CHALLENGE, hmacMd5, message, RESPONSE, USER } from '../support/chap.ts';
import { readConversation, type Conversation } from './conversation.ts';
import { isMachineFull } from './machine.ts';
import { HERE, TRIPWIRES, withPorts, type Ports } from './places.ts';
import type { Script, Step } from './script.ts';

/** How long `await` listens for something new. */
const AWAIT_MS = 40;
const MOST_DATAGRAMS = 64;

/** A datagram from the relay. */
export interface Arrived {
  readonly bytes: Buffer;
  readonly port: number;
}

export interface Played {
  /** From which the client came. */
  readonly clientPort: number;
  readonly sent: Buffer;
  readonly answer: Buffer;
  readonly sentDatagrams: readonly Buffer[];
  readonly datagrams: readonly Arrived[];
  /** How the stream ended: by the server's FIN or RST, by our own RST, or not at all in time. */
  readonly ending: 'fin' | 'reset' | 'self' | 'late';
  /** The client ended its own direction with FIN. */
  readonly finished: boolean;
}

/** Where a client goes, and how long it waits there. */
export interface Errand {
  /** Of the server, on 127.0.0.1. */
  readonly port: number;
  readonly ports: Ports;
  /** For the end of the session, once the script is through. */
  readonly limitMs: number;
  /** Calls everybody home. */
  readonly over: AbortSignal;
}

/** Plays `script` to the end of the session. Rejects only when the machine is full. */
export async function play(script: Script, errand: Errand): Promise<Played> {
  const client = new Client(errand);
  try {
    for (const step of script) {
      await client.take(step);
      // Nothing more comes from somebody who has reset, or was called home.
      if (client.isGone) break;
    }
    await client.whenEnded();
    return client.played();
  } finally {
    client.close();
  }
}

class Client {
  readonly #errand: Errand;
  readonly #socket: Socket;
  readonly #sent: Buffer[] = [];
  readonly #answer: Buffer[] = [];
  readonly #sentDatagrams: Buffer[] = [];
  readonly #datagrams: Arrived[] = [];
  readonly #peers: Socket[] = [];
  #udp: UdpSocket | undefined;
  #ending: Played['ending'] | undefined;
  #failure: Error | undefined;
  #finished = false;
  #clientPort = 0;
  #heard = 0;
  #wake: () => void = () => undefined;

  constructor(errand: Errand) {
    this.#errand = errand;
    errand.over.addEventListener('abort', this.#goHome);
    this.#socket = connect({ port: errand.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#socket.on('connect', () => {
      this.#clientPort = this.#socket.localPort ?? 0;
      this.#wake();
    });
    this.#socket.on('data', (bytes) => {
      this.#answer.push(bytes);
      this.#wake();
    });
    this.#socket.on('end', () => this.#end('fin'));
    this.#socket.on('error', (error) => {
      if (isMachineFull(error)) this.#failure = error;
      this.#end('reset');
    });
    this.#socket.on('close', () => this.#end('reset'));
  }

  get isGone(): boolean {
    return this.#ending === 'self';
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'send':
        return this.#send(withPorts(step.bytes, this.#errand.ports));
      case 'datagram':
        return this.#sendDatagram(withPorts(step.bytes, this.#errand.ports));
      case 'chap':
        return this.#send(this.#chapResponse());
      case 'peer':
        return this.#meet(HERE);
      case 'stranger':
        return this.#meet(TRIPWIRES[0]!);
      case 'fin':
        this.#finished = true;
        this.#socket.end();
        return;
      case 'reset':
        return this.#reset();
      case 'await':
        return this.#listen(AWAIT_MS, () => this.#progress() > this.#heard);
    }
  }

  async whenEnded(): Promise<void> {
    await this.#listen(this.#errand.limitMs, () => this.#ending !== undefined);
    if (this.#failure !== undefined) throw this.#failure;
  }

  played(): Played {
    return {
      clientPort: this.#clientPort,
      sent: Buffer.concat(this.#sent),
      answer: Buffer.concat(this.#answer),
      sentDatagrams: this.#sentDatagrams,
      datagrams: this.#datagrams,
      ending: this.#ending ?? 'late',
      finished: this.#finished,
    };
  }

  close(): void {
    this.#errand.over.removeEventListener('abort', this.#goHome);
    this.#socket.destroy();
    this.#udp?.close();
    for (const peer of this.#peers) peer.destroy();
  }

  /** RST is for connections only. */
  async #reset(): Promise<void> {
    await this.#listen(this.#errand.limitMs, () => !this.#socket.connecting);
    this.#end('self');
    resetNow(this.#socket);
  }

  /** Each write is a segment of its own: the loop turns before the next one. */
  async #send(bytes: Buffer): Promise<void> {
    if (this.#finished || !this.#socket.writable || bytes.length === 0) return;
    this.#sent.push(bytes);
    this.#socket.write(bytes);
    await new Promise(setImmediate);
  }

  async #sendDatagram(bytes: Buffer): Promise<void> {
    const bound = this.#conversation().bound;
    if (bound === undefined || bound.port === 0) return;
    this.#udp ??= this.#openUdp();
    this.#sentDatagrams.push(bytes);
    const udp = this.#udp;
    await new Promise((resolve) => udp.send(bytes, bound.port, '127.0.0.1', resolve));
  }

  #openUdp(): UdpSocket {
    const udp = createSocket('udp4');
    udp.on('error', () => undefined);
    udp.on('message', (bytes, { port }) => {
      if (this.#datagrams.length < MOST_DATAGRAMS) this.#datagrams.push({ bytes, port });
      this.#wake();
    });
    return udp;
  }

  /** The right response of alice to a challenge that ends what the server has said so far. */
  #chapResponse(): Buffer {
    const answer = Buffer.concat(this.#answer);
    const head = answer.findIndex(
      (kind, at) => kind === CHALLENGE && at + 2 + answer[at + 1]! === answer.length,
    );
    const challenge = answer.subarray(head < 0 ? answer.length : head + 2);
    return message([USER, 'alice'], [RESPONSE, hmacMd5('secret', challenge)]);
  }

  /** Somebody at `from` connects to the port that BIND told, and goes. */
  #meet(from: string): Promise<void> {
    const bound = this.#conversation().bound;
    if (bound === undefined || bound.port === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const peer = connect({ port: bound.port, host: '127.0.0.1', localAddress: from });
      this.#peers.push(peer);
      peer.on('error', () => resolve());
      peer.on('connect', () => {
        peer.end('from the peer');
        resolve();
      });
      peer.resume();
    });
  }

  #conversation(): Conversation {
    return readConversation(Buffer.concat(this.#sent), Buffer.concat(this.#answer));
  }

  #progress(): number {
    return this.#answer.length + this.#datagrams.length + (this.#ending === undefined ? 0 : 1);
  }

  async #listen(limitMs: number, isEnough: () => boolean): Promise<void> {
    const end = performance.now() + limitMs;
    const isOver = () => performance.now() >= end;
    const timer = setTimeout(() => this.#wake(), limitMs + 1);
    while (!isEnough() && !isOver()) await new Promise<void>((resolve) => (this.#wake = resolve));
    clearTimeout(timer);
    this.#heard = this.#progress();
  }

  readonly #goHome = (): void => this.#end('self');

  #end(ending: Played['ending']): void {
    this.#ending ??= ending;
    this.#wake();
  }
}
