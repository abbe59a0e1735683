// One request and its answer, as a client's stream that a relay connects with a web server: reading it gives the request as we
// send it on, writing to it sends the answer as we pass it on. So limits, counts and time limits are those of all relays.
import { Duplex } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import { writeAll } from '../../net/streams/legstream.ts';
import type { StreamCarrier } from '../../net/released.ts';
import type { Arrival, Leg } from '../../net/transport.ts';
import { bodyReader, type BodyReader } from '../../protocol/http/httpbody.ts';
import { encodeOnward, type AbsoluteTarget } from '../../protocol/http/httponward.ts';
import { encodeHttpReply, type HttpStatus, type ProxyError } from '../../protocol/http/httpreply.ts';
import type { HttpRequest } from '../../protocol/http/httprequest.ts';
import { Download } from './download.ts';

export interface ExchangePlan {
  /** To the client. */
  readonly leg: Leg;
  readonly request: HttpRequest;
  readonly target: AbsoluteTarget;
  /** Our name on the way. */
  readonly via: string;
  /** Whether the connection of the client may go on. */
  readonly mayKeep: () => boolean;
}

export class Exchange {
  readonly carrier: StreamCarrier;
  /** Why it failed; undefined: it did not, or only as any relay may. */
  failure: Fault | undefined;
  readonly #plan: ExchangePlan;
  readonly #stream: Duplex;
  readonly #upload: BodyReader;
  readonly #download: Download;
  #headIsSent = false;
  #isUploaded: boolean;
  #state: 'open' | 'answered' | 'failed' = 'open';
  #onOver: () => void = () => undefined;

  constructor(plan: ExchangePlan) {
    this.#plan = plan;
    const { leg, request, via, mayKeep } = plan;
    this.#upload = bodyReader(request.framing);
    this.#isUploaded = request.framing.kind === 'none';
    this.#download = new Download(request, via, () => this.#isUploaded && mayKeep());
    this.#stream = this.#newStream();
    this.carrier = { stream: this.#stream, reset: () => this.#reset() };
    leg.whenReset((fault) => this.#stream.destroy(fault));
  }

  /** The client has its whole answer. */
  get isAnswered(): boolean {
    return this.#state === 'answered';
  }

  /** The leg is open, and its client may ask for the next thing. */
  get keeps(): boolean {
    return this.isAnswered && this.#isUploaded && this.#download.keeps;
  }

  /** Called once when nothing more is passed on, though neither side has ended its stream. */
  whenOver(listener: () => void): void {
    this.#onOver = listener;
    if (this.#state !== 'open') queueMicrotask(listener);
  }

  #newStream(): Duplex {
    const { leg } = this.#plan;
    return new Duplex({
      read: () => this.#read(),
      write: (bytes: Uint8Array, _encoding, done) => this.#pass(bytes, done),
      final: (done) => {
        if (this.#state === 'open' && this.#download.mayEnd) this.#finish();
        else this.#fail('it ended before its answer was whole');
        done();
      },
      // After a reset by the client the relay hears the error.
      destroy: (error, done) => {
        if (this.#state === 'open') leg.close('reset');
        if (this.#state === 'open') this.#state = 'failed';
        done(error);
      },
    });
  }

  /** The head, then the body; nothing more is read from the client until it has its answer. */
  #read(): void {
    if (!this.#headIsSent) {
      const { request, target, via } = this.#plan;
      this.#headIsSent = true;
      this.#stream.push(encodeOnward(request, target, via));
      return;
    }
    if (this.#isUploaded || this.#state !== 'open') return;
    this.#plan.leg.read().then(
      (bytes) => this.#takeUpload(bytes),
      (fault: unknown) => this.#stream.destroy(fault as Error),
    );
  }

  #takeUpload(bytes: Arrival): void {
    if (this.#state !== 'open') return;
    if (bytes === undefined) {
      this.#stream.destroy(new Fault('CLIENT_CLOSED'));
      return;
    }
    const { passed, used, state } = this.#upload.take(bytes);
    if (state === 'bad') {
      this.#refuse(400, 'http_request_error', 'malformed message: a chunk that is none');
      return;
    }
    if (state === 'done') {
      this.#isUploaded = true;
      this.#plan.leg.unread(bytes.subarray(used));
    }
    if (passed.length > 0) this.#stream.push(Buffer.concat(passed));
    else this.#read();
  }

  #pass(bytes: Uint8Array, done: () => void): void {
    if (this.#state !== 'open') {
      done();
      return;
    }
    const passed = this.#download.take(bytes);
    const isLast = passed.state !== 'more';
    const goOn = (): void => {
      if (passed.state === 'done') this.#finish();
      if (passed.state === 'bad') this.#fail(passed.why ?? '');
      done();
    };
    const all = Buffer.concat(passed.bytes);
    if (all.length === 0 || (isLast && passed.state === 'bad')) goOn();
    else writeAll(this.#plan.leg, all, (error) => (error ? done() : goOn()));
  }

  #finish(): void {
    if (this.#state !== 'open') return;
    this.#end('answered', this.#isUploaded && this.#download.keeps ? 'kept' : 'fin');
  }

  #fail(why: string): void {
    if (this.#state !== 'open') return;
    this.failure = new Fault('MESSAGE_MALFORMED', `the answer of the web server: ${why}`);
    if (this.#download.hasBegun) this.#end('failed', 'reset');
    else this.#refuse(502, 'http_protocol_error', 'the web server gave no valid answer');
  }

  #refuse(status: HttpStatus, error: ProxyError, body: string): void {
    if (!this.#download.hasBegun) {
      const reply = { status, error, body: `picosocks5: ${body}\n` } as const;
      const shows = this.#plan.request.method === 'HEAD' ? 'length-only' : 'body';
      this.#plan.leg.write(encodeHttpReply({ ...reply, shows, connection: 'close' }));
    }
    this.#end('failed', this.#download.hasBegun ? 'reset' : 'fin');
  }

  /** The server has reset, or the session is cut. */
  #reset(): void {
    if (this.#state === 'open') this.#fail('it broke off');
    this.#stream.destroy();
  }

  #end(state: 'answered' | 'failed', how: 'kept' | 'fin' | 'reset'): void {
    this.#state = state;
    const { leg } = this.#plan;
    leg.whenReset(() => undefined);
    if (how !== 'kept') leg.close(how);
    this.#onOver();
    if (!this.#stream.destroyed) this.#stream.push(null);
  }
}
