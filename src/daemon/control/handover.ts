// --takeover, the old process: hands copies of its listeners to the new one, and retires when that one serves. Both accept in
// between, so no client is refused; if the new one ends instead, the old one goes on.
import type { Socket } from 'node:net';
import { systemReason } from '../../config/values/systemreason.ts';
import { encodeAnswer } from '../../control/controlanswer.ts';
import { decodeStep, DESCRIPTOR_BYTE, encodeTakeoverAnswer } from '../../control/takeovermessage.ts';
import type { Addon } from '../../net/native/addon.ts';
import { descriptorOf, sendDescriptors } from '../../net/native/descriptors.ts';
import type { Log } from '../../observe/log.ts';
import type { Server } from '../../session/server/server.ts';

export interface HandoverParts {
  readonly server: Pick<Server, 'descriptors' | 'bound' | 'leaveFiles'> & {
    readonly registry: { readonly size: number };
  };
  readonly log: Log;
  readonly addon: Addon | undefined;
  readonly steering: {
    readonly state: string;
    readonly drainMs: number;
    /** Saves the state for the heir. */
    save(): Promise<void>;
    /** Drains and ends, without a word to systemd: the heir is the service now. */
    retire(): void;
  };
  /** The control socket, which the heir shares until it serves. */
  readonly control: {
    readonly descriptor: number | undefined;
    leave(): void;
  };
}

export class Handover {
  readonly #parts: HandoverParts;
  /** The process that has our listeners, and has not taken over yet. */
  #heir: Socket | undefined;

  constructor(parts: HandoverParts) {
    this.#parts = parts;
  }

  /** The answer to a line that is about taking over; undefined for any other. */
  answer(line: string, from: Socket): Promise<string> | undefined {
    const step = decodeStep(line);
    if (step === undefined) return undefined;
    return step === 'takeover' ? this.#begin(from) : Promise.resolve(this.#finish(from));
  }

  async #begin(from: Socket): Promise<string> {
    const { steering, log, server } = this.#parts;
    if (steering.state !== 'serving') return refusalLine('not-serving', 'the daemon is stopping already');
    if (this.#heir !== undefined) return refusalLine('busy', 'another process is taking over at this moment');
    this.#heir = from;
    await steering.save();
    const why = this.#send(from);
    if (why !== undefined || from.destroyed) {
      this.#heir = undefined;
      this.#goOn(why ?? 'the new process has gone');
      return refusalLine('unable', why ?? '');
    }
    from.once('close', () => this.#lose());
    log.write('notice', 'control', { command: 'takeover', sessions: server.registry.size });
    const listen = server.bound;
    return encodeTakeoverAnswer({ ok: true, command: 'takeover', pid: process.pid, listen });
  }

  /** Why the listeners cannot be sent; undefined when they are sent. */
  #send(to: Socket): string | undefined {
    const { addon, server, control } = this.#parts;
    const wanted = [...server.descriptors, control.descriptor];
    const descriptors = wanted.filter((each) => each !== undefined);
    const socket = descriptorOf(to);
    if (addon === undefined) return 'this daemon runs without the native addon, which sends sockets';
    if (socket === undefined || descriptors.length < wanted.length) {
      return 'Node.js does not tell the descriptors of its sockets';
    }
    try {
      sendDescriptors(addon, socket, DESCRIPTOR_BYTE, descriptors);
      return undefined;
    } catch (error) {
      return `the listeners could not be sent: ${systemReason(error)}`;
    }
  }

  #finish(from: Socket): string {
    const { steering, server, log, control } = this.#parts;
    if (from !== this.#heir) return refusalLine('bad-request', 'message: retire comes after takeover');
    this.#heir = undefined;
    log.write('notice', 'control', { command: 'retire' });
    control.leave();
    server.leaveFiles();
    // After the answer is sent: without sessions, retiring ends this conversation too.
    setImmediate(() => steering.retire());
    const seconds = steering.drainMs / 1000;
    return encodeTakeoverAnswer({ ok: true, command: 'retire', sessions: server.registry.size, seconds });
  }

  /** The conversation has ended, with or without a `retire` before. */
  #lose(): void {
    if (this.#heir === undefined) return;
    this.#heir = undefined;
    this.#goOn('the new process ended before it served');
  }

  #goOn(why: string): void {
    this.#parts.log.write('warn', 'takeover-failed', {}, `${why}; this daemon goes on`);
  }
}

function refusalLine(code: string, message: string): string {
  return encodeAnswer({ ok: false, code, message });
}
