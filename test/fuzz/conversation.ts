// What a server may say, judged by what its client has said; written apart from the codecs of the product, as a strict
// client would read it.

import { readGssAnswer } from './gssanswer.ts';

export interface Conversation {
  /** How it went, for the table of outcomes: `none`, `05 02, status 01`, `05 00, CONNECT, REP 05`. */
  readonly outcome: string;
  /** What no server may say, where it did. */
  readonly breach: string | undefined;
  /** The answer stops within a message. */
  readonly cut: boolean;
  /** A request was granted. */
  readonly granted: boolean;
  /** Address and port of the last reply that granted something, for BIND and UDP. */
  readonly bound: { readonly host: string; readonly port: number } | undefined;
  /** After CONNECT: what must come back from the echo server, and what did. */
  readonly echoed: { readonly expected: Buffer; readonly got: Buffer } | undefined;
}

/** Reads `answer`, all that came back from a server to which `sent` was said. */
export function readConversation(sent: Buffer, answer: Buffer): Conversation {
  const reader = new Reader(sent, answer);
  let breach: string | undefined;
  let cut = false;
  try {
    reader.read();
  } catch (error) {
    if (!(error instanceof Breach)) throw error;
    cut = error.message === CUT;
    breach = cut ? undefined : error.message;
  }
  const { granted, bound, echoed } = reader;
  return { outcome: reader.said.join(', ') || 'none', breach, cut, granted, bound, echoed };
}

class Breach extends Error {}
const CUT = 'cut';

const CONNECT = 1;
const BIND = 2;
const RESOLVE_PTR = 0xf1;
const COMMAND_NAMES: Readonly<Record<number, string>> = {
  [CONNECT]: 'CONNECT',
  [BIND]: 'BIND',
  3: 'ASSOCIATE',
  0xf0: 'RESOLVE',
  [RESOLVE_PTR]: 'RESOLVE_PTR',
};

class Reader {
  readonly said: string[] = [];
  granted = false;
  bound: Conversation['bound'];
  echoed: Conversation['echoed'];
  readonly #sent: Buffer;
  readonly #answer: Buffer;
  #at = 0;

  constructor(sent: Buffer, answer: Buffer) {
    this.#sent = sent;
    this.#answer = answer;
  }

  read(): void {
    if (this.#answer.length === 0) return;
    if (this.#sent[0] === 4) this.#readSocks4();
    else if (this.#sent[0] === 5) this.#readSocks5();
    else this.#readHttp();
  }

  /** Answers to requests for a login, one after the other, and a last one: nobody reaches anything but by CONNECT. */
  #readHttp(): void {
    const isLetter = /^[A-Za-z]/.test(this.#sent.toString('latin1', 0, 1));
    for (let more = true; more;) {
      const text = this.#answer.toString('latin1', this.#at);
      const [head = '', status = ''] =
        /^HTTP\/1\.1 (\d{3}) [A-Z][A-Za-z ]*\r\n(?:[!-~]+: [ -~]*\r\n)*\r\n/.exec(text) ?? [];
      this.#must(isLetter && head !== '', 'bytes for a client of another protocol');
      this.said.push(`HTTP ${status}`);
      if (status === '200') {
        this.granted = true;
        return;
      }
      this.#take(head.length + Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0));
      more = status === '407' && !head.includes('Connection: close') && !this.#isAtEnd();
    }
    this.#mustEnd();
  }

  #readSocks5(): void {
    const [version, method = 0] = this.#take(2);
    this.#must(version === 5, 'version of the method answer');
    this.said.push(`05 ${hex(method)}`);
    const end = 2 + (this.#sent[1] ?? 0);
    this.#must(
      this.#sent.length >= end && this.#sent.length >= 2,
      'a method before the greeting was complete',
    );
    if (method === 0xff) {
      this.#mustEnd();
      return;
    }
    this.#must(this.#sent.subarray(2, end).includes(method), `method ${hex(method)}, which was not offered`);
    if (method === 0) {
      this.#readReplies5(end);
      return;
    }
    if (method === 2) {
      this.#readStatus(end);
      return;
    }
    if (method === 1) {
      this.#readGss();
      return;
    }
    this.#must(method === 3, 'a method that there is not');
    this.#readChap();
  }

  #readGss(): void {
    const read = readGssAnswer(this.#answer, this.#at);
    this.said.push(`GSSAPI ${read.kind}`);
    if (read.kind === 'breach') throw new Breach(read.what);
    if (read.kind === 'cut') throw new Breach(CUT);
    this.granted = read.kind === 'protected';
    if (read.kind !== 'clear') return;
    this.#at = read.at;
    this.#readReplies5(undefined);
  }

  /** RFC 1929. */
  #readStatus(start: number): void {
    if (this.#isAtEnd()) return;
    const [version, status = 0] = this.#take(2);
    this.said.push(`status ${hex(status)}`);
    this.#must(version === 1 && status <= 1, 'a malformed status');
    if (status !== 0) {
      this.#mustEnd();
      return;
    }
    const passwordAt = start + 2 + (this.#sent[start + 1] ?? 0);
    const end = passwordAt + 1 + (this.#sent[passwordAt] ?? 0);
    this.#must(this.#sent.length >= end && this.#sent[start] === 1, 'success before the login was complete');
    this.#readReplies5(end);
  }

  /** Messages of attributes, until one has a status. */
  #readChap(): void {
    for (let status: number | undefined; status !== 0;) {
      if (this.#isAtEnd()) return;
      const [version, count = 0] = this.#take(2);
      this.#must(version === 1, 'version of a CHAP message');
      for (let attribute = 0; attribute < count; attribute++) {
        const [kind, length = 0] = this.#take(2);
        const value = this.#take(length);
        if (kind === 0) status = value[0];
      }
      if (status !== undefined) this.said.push(`CHAP ${hex(status)}`);
      if (status !== undefined && status !== 0) {
        this.#mustEnd();
        return;
      }
    }
    this.#readReplies5(undefined);
  }

  /** `start` is where the request begins, where that is known. */
  #readReplies5(start: number | undefined): void {
    if (this.#isAtEnd()) return;
    const command = start === undefined ? undefined : this.#sent[start + 1];
    const rep = this.#readReply5(command);
    if (start !== undefined) this.#must(this.#sent.length >= start + 1, 'a reply before the request');
    this.said.push(nameOf(command), `REP ${hex(rep)}`);
    if (rep !== 0) {
      this.#mustEnd();
      return;
    }
    this.#afterGrant(command, start === undefined ? undefined : endOfRequest5(this.#sent, start), () =>
      this.#readReply5(command),
    );
  }

  #readReply5(command: number | undefined): number {
    const [version, rep = 0, rsv, atyp = 0] = this.#take(4);
    this.#must(version === 5 && rsv === 0 && rep <= 8, 'a malformed reply');
    const host = this.#readHost(atyp, command);
    const port = this.#take(2).readUInt16BE(0);
    if (rep === 0 && atyp === 1) this.bound = { host: host.join('.'), port };
    if (rep !== 0)
      this.#must(atyp === 1 && host.readUInt32BE(0) === 0 && port === 0, 'a failure with an address');
    return rep;
  }

  /** A name only as what RESOLVE_PTR found. */
  #readHost(atyp: number, command: number | undefined): Buffer {
    if (atyp === 1) return this.#take(4);
    if (atyp === 4) return this.#take(16);
    this.#must(
      atyp === 3 && (command === RESOLVE_PTR || command === undefined),
      `ATYP ${hex(atyp)} in a reply`,
    );
    return this.#take(this.#take(1)[0]!);
  }

  #readSocks4(): void {
    const command = this.#sent[1];
    const granted = this.#readReply4();
    this.said.push('04', nameOf(command), granted ? '5a' : '5b');
    if (!granted) {
      this.#mustEnd();
      return;
    }
    this.#afterGrant(command, endOfRequest4(this.#sent), () => (this.#readReply4() ? 0 : 1));
  }

  #readReply4(): boolean {
    const reply = this.#take(8);
    const code = reply[1] ?? 0;
    this.#must(reply[0] === 0 && (code === 0x5a || code === 0x5b), 'a malformed SOCKS4 reply');
    if (code === 0x5a) this.bound = { host: reply.subarray(4).join('.'), port: reply.readUInt16BE(2) };
    return code === 0x5a;
  }

  #afterGrant(command: number | undefined, requestEnd: number | undefined, readSecond: () => number): void {
    this.granted = true;
    if (command === undefined) return;
    if (requestEnd === undefined) throw new Breach('success before the request was complete');
    if (command === CONNECT) {
      const got = this.#answer.subarray(this.#at);
      this.echoed = { expected: this.#sent.subarray(requestEnd), got };
      return;
    }
    if (command !== BIND) {
      this.#mustEnd();
      return;
    }
    if (this.#isAtEnd()) return;
    const second = readSecond();
    this.said.push(`second ${hex(second)}`);
    if (second !== 0) this.#mustEnd();
  }

  #take(size: number): Buffer {
    if (this.#answer.length < this.#at + size) throw new Breach(CUT);
    this.#at += size;
    return this.#answer.subarray(this.#at - size, this.#at);
  }

  #isAtEnd(): boolean {
    return this.#at === this.#answer.length;
  }

  #mustEnd(): void {
    this.#must(this.#isAtEnd(), 'bytes after the last word');
  }

  #must(holds: boolean, what: string): void {
    if (!holds) throw new Breach(what);
  }
}

/** Where `VER CMD RSV ATYP ADDR PORT` at `start` ends; undefined: not complete. */
function endOfRequest5(sent: Buffer, start: number): number | undefined {
  const lengths: Readonly<Record<number, number>> = { 1: 4, 3: 1 + (sent[start + 4] ?? 0), 4: 16 };
  const length = lengths[sent[start + 3] ?? 0];
  return length === undefined || sent.length < start + 6 + length ? undefined : start + 6 + length;
}

function endOfRequest4(sent: Buffer): number | undefined {
  const userEnd = sent.indexOf(0, 8);
  if (userEnd < 0) return undefined;
  const isNamed = sent.readUIntBE(4, 3) === 0 && sent[7] !== 0;
  const end = isNamed ? sent.indexOf(0, userEnd + 1) : userEnd;
  return end < 0 ? undefined : end + 1;
}

/** `?`: nobody knows where the request begins. */
function nameOf(command: number | undefined): string {
  return command === undefined ? '?' : (COMMAND_NAMES[command] ?? 'other');
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
