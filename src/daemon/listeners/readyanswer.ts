// The answers to health checks over HTTP: one request and one answer for each connection, both small.
import type { Socket } from 'node:net';
import { concatBytes } from '../../base/bytes.ts';
import { encodeHead, type Field } from '../../protocol/http/httphead.ts';
import { decodeReadyRequest, type ReadyRequest } from '../../protocol/doors/readyrequest.ts';

/** Whether new clients shall come; `leaving`: those who come are served still, but it stops soon. */
export type Readiness = 'starting' | 'serving' | 'leaving' | 'draining';

/** HAProxy takes 404 for that with "http-check disable-on-404": no new clients, and sessions go on. */
const STATUS: Readonly<Record<Readiness, string>> = {
  starting: '503 Service Unavailable',
  serving: '200 OK',
  leaving: '404 Not Found',
  draining: '503 Service Unavailable',
};

/** From the connection to the answer, and as long again until the other side has closed. */
const CHECK_MS = 3000;

/** Answers one request, and closes; what is none, or comes too late, is closed without an answer. */
export function answerCheck(socket: Socket, readiness: () => Readiness): void {
  let bytes: Uint8Array = new Uint8Array(0);
  const timer = setTimeout(() => socket.destroy(), CHECK_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  const take = (more: Uint8Array): void => {
    bytes = concatBytes(bytes, more);
    const request = decodeReadyRequest(bytes);
    if (request.kind === 'more') return;
    socket.off('data', take);
    // Later bytes are thrown away: a close with unread bytes would reset the connection, and lose the answer.
    socket.resume();
    timer.refresh();
    if (request.kind === 'done') socket.end(answerTo(request.value, readiness()));
    else socket.end(encode('400 Bad Request', 'not a request of HTTP/1\n', 'GET'));
  };
  socket.on('data', take);
}

function answerTo({ method, path }: ReadyRequest, readiness: Readiness): Uint8Array {
  if (path !== '/ready') return encode('404 Not Found', 'there is only /ready\n', method);
  if (method === 'GET' || method === 'HEAD') return encode(STATUS[readiness], `${readiness}\n`, method);
  return encode('405 Method Not Allowed', 'GET and HEAD only\n', method, [
    { name: 'Allow', value: 'GET, HEAD' },
  ]);
}

function encode(status: string, text: string, method: string, more: readonly Field[] = []): Uint8Array {
  const head = encodeHead(`HTTP/1.1 ${status}`, [
    { name: 'Content-Type', value: 'text/plain' },
    { name: 'Content-Length', value: String(text.length) },
    { name: 'Cache-Control', value: 'no-store' },
    { name: 'Connection', value: 'close' },
    ...more,
  ]);
  return method === 'HEAD' ? head : concatBytes(head, Buffer.from(text));
}
