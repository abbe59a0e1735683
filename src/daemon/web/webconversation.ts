// One request of HTTP and its answer on one connection, both bounded in time and bytes.
import type { Duplex } from 'node:stream';
import { concatBytes } from '../../base/bytes.ts';
import type { Endpoint } from '../../base/ip.ts';
import { decodeReadyRequest, fieldsOfRequest, type ReadyRequest } from '../../protocol/doors/readyrequest.ts';
import type { Field } from '../../protocol/http/httphead.ts';
import { encodeWebAnswer, plainAnswer, type WebAnswer } from './webanswer.ts';

export interface WebRequest extends ReadyRequest {
  readonly client: Endpoint;
  readonly fields: readonly Field[];
}

export interface WebConversation {
  /** The answer to GET, and to HEAD without its body. Never rejects. */
  readonly answer: (request: WebRequest) => WebAnswer | Promise<WebAnswer>;
  /** Most bytes of a request. */
  readonly maxHeadBytes: number;
  /** Limit for the request, and again until the peer has read the answer and closed. */
  readonly limitMs: number;
}

/** Answers one request and closes. An invalid or late request is closed without an answer. */
export function converse(
  socket: Duplex,
  client: Endpoint,
  { answer, maxHeadBytes, limitMs }: WebConversation,
): void {
  let bytes: Uint8Array = new Uint8Array(0);
  const timer = setTimeout(() => socket.destroy(), limitMs);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  const end = (each: WebAnswer, method: string): void => {
    timer.refresh();
    socket.end(encodeWebAnswer(each, method));
  };
  const take = (more: Uint8Array): void => {
    bytes = concatBytes(bytes, more);
    const request = decodeReadyRequest(bytes, maxHeadBytes);
    if (request.kind === 'more') return;
    socket.off('data', take);
    // Later bytes are thrown away: a close with unread bytes would reset the connection, and lose the answer.
    socket.resume();
    if (request.kind === 'bad') end(plainAnswer('400 Bad Request', 'not a request of HTTP/1'), 'GET');
    else
      void answerTo({ ...request.value, client, fields: fieldsOfRequest(bytes) }, answer).then((each) =>
        end(each, request.value.method),
      );
  };
  socket.on('data', take);
}

async function answerTo(request: WebRequest, answer: WebConversation['answer']): Promise<WebAnswer> {
  const { method } = request;
  const answered = await answer(request);
  if (answered.status === '404 Not Found' || method === 'GET' || method === 'HEAD') return answered;
  return plainAnswer('405 Method Not Allowed', 'GET and HEAD only', [{ name: 'Allow', value: 'GET, HEAD' }]);
}
