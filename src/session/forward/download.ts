// The answer of a web server, as its bytes come: the head is put into our words, the body into our framing.
import { concatBytes } from '../../base/bytes.ts';
import { bodyReader, type BodyReader, type Framing } from '../../protocol/http/httpbody.ts';
import { encodeBackward, encodeInterim } from '../../protocol/http/httponward.ts';
import {
  decodeHttpResponse,
  framingOfResponse,
  type HttpResponse,
} from '../../protocol/http/httpresponse.ts';
import { persists, type HttpRequest } from '../../protocol/http/httprequest.ts';

export interface Passed {
  readonly bytes: readonly Uint8Array[];
  readonly state: 'more' | 'done' | 'bad';
  /** What is wrong. */
  readonly why?: string;
}

const NOTHING: Uint8Array = new Uint8Array(0);
const SWITCHING_PROTOCOLS = 101;
/** From a web server 407 would read as the question for a login at this proxy. */
const PROXY_LOGIN = 407;

export class Download {
  readonly #request: HttpRequest;
  readonly #via: string;
  readonly #mayKeep: () => boolean;
  /** Bytes of a head that is not whole. */
  #head = NOTHING;
  /** undefined until the head of the final answer has come. */
  #body: BodyReader | undefined;
  #keeps = false;

  /** `mayKeep`: whether the connection of the client may go on, asked when the head of the answer is there. */
  constructor(request: HttpRequest, via: string, mayKeep: () => boolean) {
    this.#request = request;
    this.#via = via;
    this.#mayKeep = mayKeep;
  }

  /** The client has got the head of the final answer. */
  get hasBegun(): boolean {
    return this.#body !== undefined;
  }

  /** The client has not been told that its connection ends. */
  get keeps(): boolean {
    return this.#keeps;
  }

  take(bytes: Uint8Array): Passed {
    if (this.#body !== undefined) return passedBy(this.#body, bytes);
    this.#head = concatBytes(this.#head, bytes);
    const passed: Uint8Array[] = [];
    for (;;) {
      const decoded = decodeHttpResponse(this.#head);
      if (decoded.kind === 'more') return { bytes: passed, state: 'more' };
      if (decoded.kind === 'bad') return { bytes: passed, state: 'bad', why: decoded.why ?? decoded.code };
      const response = decoded.value;
      this.#head = this.#head.subarray(decoded.size);
      if (response.status >= 200) return this.#begin(response, passed);
      if (response.status === SWITCHING_PROTOCOLS)
        return { bytes: passed, state: 'bad', why: 'it switches to another protocol' };
      if (this.#request.minor === 1) passed.push(encodeInterim(response, this.#via));
    }
  }

  /** The connection of the server has ended. */
  get mayEnd(): boolean {
    return this.#body?.mayEnd === true;
  }

  #begin(response: HttpResponse, passed: Uint8Array[]): Passed {
    const framing = framingOfResponse(response, this.#request.method);
    if ('why' in framing) return { bytes: passed, state: 'bad', why: framing.why };
    if (response.status === PROXY_LOGIN)
      return { bytes: passed, state: 'bad', why: 'it asks for a login at a proxy' };
    const told = this.#framingFor(framing);
    this.#keeps = told.kind !== 'until-close' && persists(this.#request) && this.#mayKeep();
    this.#body = bodyReader(framing, told.kind === 'chunked' ? 'chunked' : 'plain');
    passed.push(encodeBackward(response, told, this.#via, this.#keeps ? 'kept' : 'close'));
    const rest = passedBy(this.#body, this.#head);
    this.#head = NOTHING;
    return { ...rest, bytes: [...passed, ...rest.bytes] };
  }

  /** HTTP/1.0 knows no chunks. */
  #framingFor(framing: Framing): Framing {
    return framing.kind === 'chunked' && this.#request.minor === 0 ? { kind: 'until-close' } : framing;
  }
}

function passedBy(body: BodyReader, bytes: Uint8Array): Passed {
  const { passed, state } = body.take(bytes);
  return state === 'bad' ? { bytes: passed, state, why: 'a chunk that is none' } : { bytes: passed, state };
}
