// Answers of an HTTP proxy (RFC 9110 section 15), with what went wrong in Proxy-Status (RFC 9209).
import { encodeHead, type Field } from './httphead.ts';

/** Statuses that are sent, with their reason phrases. */
export const REASONS = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
} as const;

export type HttpStatus = keyof typeof REASONS;

/** Error types of RFC 9209 section 2.3 that are sent. */
export type ProxyError =
  | 'connection_limit_reached'
  | 'connection_refused'
  | 'connection_terminated'
  | 'connection_timeout'
  | 'destination_ip_unroutable'
  | 'destination_not_found'
  | 'destination_unavailable'
  | 'dns_error'
  | 'dns_timeout'
  | 'http_protocol_error'
  | 'http_request_denied'
  | 'http_request_error'
  | 'proxy_internal_error'
  | 'proxy_loop_detected';

export interface HttpReply {
  readonly status: HttpStatus;
  readonly error?: ProxyError | undefined;
  readonly fields?: readonly Field[];
  readonly body: string;
  /** Absent: one line of text. */
  readonly type?: string;
  /** `length-only`: to HEAD, whose answer has no body. */
  readonly shows: 'body' | 'length-only';
  /** `close` is told; the other is the rule of HTTP/1.1. */
  readonly connection: 'close' | 'kept';
}

/** The tunnel begins behind it: neither a length nor an encoding may be told (RFC 9110 section 9.3.6). */
export const CONNECTED: Uint8Array = Buffer.from('HTTP/1.1 200 Connection established\r\n\r\n');

const PROXY = 'picosocks5';

/** Encodes a whole answer. */
export function encodeHttpReply(reply: HttpReply): Uint8Array {
  const { status, error, fields = [], body, type = 'text/plain; charset=utf-8', shows, connection } = reply;
  const bytes = Buffer.from(body);
  const all: Field[] = [...fields];
  if (error !== undefined) all.push({ name: 'Proxy-Status', value: `${PROXY}; error=${error}` });
  all.push({ name: 'Content-Type', value: type }, { name: 'Content-Length', value: String(bytes.length) });
  all.push({ name: 'Cache-Control', value: 'no-store' });
  if (connection === 'close') all.push({ name: 'Connection', value: 'close' });
  const head = encodeHead(`HTTP/1.1 ${status} ${REASONS[status]}`, all);
  return shows === 'body' ? Buffer.concat([head, bytes]) : head;
}
