// The stream of a client whose messages are protected (RFC 1961 section 5), as a leg over its leg: frames below, bytes above. It
// holds one frame and one read of the client, beside what Node's streams buffer.
import { Duplex } from 'node:stream';
import type { ContextWrap, WrapForm } from '../../auth/kerberos/wrap.ts';
import { writeAll } from '../../net/streams/legstream.ts';
import { StreamLeg } from '../../net/streams/streamleg.ts';
import type { StreamCarrier } from '../../net/released.ts';
import type { Leg } from '../../net/transport.ts';
import { GSSAPI_MESSAGE } from '../../protocol/codes.ts';
import { encodeGssapi, TokenAssembly } from '../../protocol/gssapi.ts';

/** Plain bytes in one of our frames: the two halves of the largest read are equal. */
const MOST_IN_FRAME = 32_768;

/** Frames that are opened before others get a turn: tiny ones cost far more than their bytes. */
const FRAMES_PER_TURN = 32;

/** Takes over `leg`. Both sides protect every message in this form. */
export function protectedLeg(leg: Leg, wrap: ContextWrap, form: WrapForm): Leg {
  return new StreamLeg(carrierOf(leg, wrap, form), leg.remote, leg.local);
}

function carrierOf(leg: Leg, wrap: ContextWrap, form: WrapForm): StreamCarrier {
  const frames = new FrameReader(leg, wrap, form);
  const stream: Duplex = new Duplex({
    read() {
      frames.next().then(
        (text) => {
          if (!stream.destroyed) stream.push(text);
        },
        (failure: unknown) => stream.destroy(failure as Error),
      );
    },
    write: (bytes: Uint8Array, _encoding, done) => writeAll(leg, framesOf(wrap, form, bytes), done),
    final(done) {
      leg.finish();
      done();
    },
    // A stream destroyed in the middle is reset.
    destroy(error, done) {
      leg.close(stream.writableFinished && error === null ? 'fin' : 'reset');
      done(error);
    },
  });
  leg.whenReset((fault) => stream.destroy(fault));
  return {
    stream,
    reset() {
      leg.close('reset');
      stream.destroy();
    },
  };
}

function framesOf(wrap: ContextWrap, form: WrapForm, bytes: Uint8Array): Uint8Array {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += MOST_IN_FRAME)
    frames.push(encodeGssapi(GSSAPI_MESSAGE.DATA, wrap.wrap(form, bytes.subarray(at, at + MOST_IN_FRAME))));
  return Buffer.concat(frames);
}

class FrameReader {
  readonly #leg: Leg;
  readonly #wrap: ContextWrap;
  readonly #form: WrapForm;
  readonly #assembly = new TokenAssembly(GSSAPI_MESSAGE.DATA);
  /** Bytes behind the last frame. */
  #rest: Uint8Array = new Uint8Array(0);
  #framesOfTurn = 0;

  constructor(leg: Leg, wrap: ContextWrap, form: WrapForm) {
    this.#leg = leg;
    this.#wrap = wrap;
    this.#form = form;
  }

  /** The bytes of the next frame that is not empty; null at FIN. Rejects with the fault of the frame or of the leg. */
  async next(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#rest.length === 0) {
        const arrival = await this.#leg.read();
        this.#framesOfTurn = 0;
        if (arrival === undefined) return this.#end();
        this.#rest = arrival;
      }
      const assembled = this.#assembly.take(this.#rest);
      if (assembled.kind === 'bad')
        throw new Error(`no frame of GSSAPI: ${assembled.why ?? 'not of version 1'}`);
      this.#rest = assembled.kind === 'token' ? assembled.rest : NOTHING;
      const text = assembled.kind === 'token' ? this.#open(assembled.token) : NOTHING;
      await this.#giveWay();
      if (text.length > 0) return text;
    }
  }

  #open(token: Uint8Array): Uint8Array {
    const opened = this.#wrap.unwrap(token);
    if (opened.kind === 'wrong') throw new Error(`a message of GSSAPI is not the client’s: ${opened.why}`);
    if (opened.form !== this.#form)
      throw new Error(`a message of GSSAPI is not ${this.#form}, as was agreed`);
    return opened.text;
  }

  #end(): null {
    if (this.#assembly.isBegun) throw new Error('FIN in the middle of a message of GSSAPI');
    return null;
  }

  #giveWay(): Promise<void> | undefined {
    this.#framesOfTurn += 1;
    if (this.#framesOfTurn < FRAMES_PER_TURN) return undefined;
    this.#framesOfTurn = 0;
    return new Promise((resolve) => setImmediate(resolve));
  }
}

const NOTHING = new Uint8Array(0);
