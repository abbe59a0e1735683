// Answers over HTTP about the daemon, one for each connection.
import { concatBytes } from '../../base/bytes.ts';
import { encodeHead, type Field } from '../../protocol/http/httphead.ts';

export interface WebAnswer {
  readonly status:
    | '200 OK'
    | '400 Bad Request'
    | '401 Unauthorized'
    | '403 Forbidden'
    | '404 Not Found'
    | '405 Method Not Allowed'
    | '429 Too Many Requests'
    | '500 Internal Server Error'
    | '503 Service Unavailable';
  /** Content-Type. */
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Fields beyond those of every answer. */
  readonly fields?: readonly Field[];
}

/** The answer to HEAD has no body. */
export function encodeWebAnswer({ status, type, body, fields = [] }: WebAnswer, method: string): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const head = encodeHead(`HTTP/1.1 ${status}`, [
    { name: 'Content-Type', value: type },
    { name: 'Content-Length', value: String(bytes.length) },
    { name: 'Cache-Control', value: 'no-store' },
    { name: 'Connection', value: 'close' },
    ...fields,
  ]);
  return method === 'HEAD' ? head : concatBytes(head, bytes);
}

export function plainAnswer(status: WebAnswer['status'], text: string, fields?: readonly Field[]): WebAnswer {
  return { status, type: 'text/plain', body: `${text}\n`, ...(fields && { fields }) };
}
