// Heads that are passed on, to a web server and back (RFC 9110 section 7.6): fields of one connection are dropped, and the
// framing is written anew. Credentials for this proxy never go on.
import type { Framing } from './httpbody.ts';
import { encodeHead, membersOf, fieldValues, type Field } from './httphead.ts';
import type { HttpRequest, HttpTarget } from './httprequest.ts';
import type { HttpResponse } from './httpresponse.ts';

/** Fields of one connection (RFC 9110 section 7.6.1), those of the framing, and those between a client and its proxy. */
const LEFT_BEHIND = new Set([
  'connection',
  'content-length',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const MAX_FORWARDS = 'max-forwards';

export type AbsoluteTarget = Extract<HttpTarget, { readonly kind: 'absolute' }>;

/**
 * The head for the server: one request on a connection of its own, with the Host of the URL (RFC 9112 section 3.2.2). `via`: our
 * name.
 */
export function encodeOnward(request: HttpRequest, target: AbsoluteTarget, via: string): Uint8Array {
  const { method, minor, framing } = request;
  const fields = passedOn(request.fields).filter(({ name }) => {
    const lower = name.toLowerCase();
    return lower !== 'host' && !(minor === 0 && lower === 'expect');
  });
  return encodeHead(`${method} ${target.path} HTTP/1.1`, [
    { name: 'Host', value: target.authority },
    ...fields.map((field) => (method === 'OPTIONS' ? oneFewer(field) : field)),
    ...framingFields(framing),
    { name: 'Via', value: `1.${minor} ${via}` },
    { name: 'Connection', value: 'close' },
  ]);
}

/** The head for the client. `close`: of its connection, behind this answer. */
export function encodeBackward(
  response: HttpResponse,
  framing: Framing,
  via: string,
  connection: 'close' | 'kept',
): Uint8Array {
  const { minor, status, reason, fields } = response;
  return encodeHead(`HTTP/1.1 ${status} ${reason}`, [
    ...passedOn(fields),
    ...lengthsOf(response, framing),
    { name: 'Via', value: `1.${minor} ${via}` },
    ...(connection === 'close' ? [{ name: 'Connection', value: 'close' }] : []),
  ]);
}

/** An interim answer (1xx), which has neither a body nor a say about the connection. */
export function encodeInterim({ minor, status, reason, fields }: HttpResponse, via: string): Uint8Array {
  const all = [...passedOn(fields), { name: 'Via', value: `1.${minor} ${via}` }];
  return encodeHead(`HTTP/1.1 ${status} ${reason}`, all);
}

/** How many more proxies may pass a request on; undefined: no limit. */
export function maxForwardsOf({ method, fields }: HttpRequest): number | undefined {
  const [value = ''] = method === 'OPTIONS' ? fieldValues(fields, MAX_FORWARDS) : [];
  return /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

/** Whether the request has come through a proxy of that name. */
export function hasPassed({ fields }: HttpRequest, via: string): boolean {
  return membersOf(fields, 'via').some((member) => member.split(/[ \t]+/)[1] === via);
}

function passedOn(fields: readonly Field[]): Field[] {
  const named = new Set(membersOf(fields, 'connection'));
  return fields.filter(({ name }) => {
    const lower = name.toLowerCase();
    return !LEFT_BEHIND.has(lower) && !named.has(lower);
  });
}

function oneFewer(field: Field): Field {
  if (field.name.toLowerCase() !== MAX_FORWARDS || !/^\d{1,9}$/.test(field.value)) return field;
  return { ...field, value: String(Math.max(0, Number(field.value) - 1)) };
}

function framingFields(framing: Framing): Field[] {
  switch (framing.kind) {
    case 'length':
      return [{ name: 'Content-Length', value: String(framing.bytes) }];
    case 'chunked':
      return [{ name: 'Transfer-Encoding', value: 'chunked' }];
    case 'none':
    case 'until-close':
      return [];
  }
}

/** An answer without a body may say how long it would be: to HEAD, and 304. */
function lengthsOf({ status, fields }: HttpResponse, framing: Framing): Field[] {
  if (framing.kind !== 'none') return framingFields(framing);
  const lengths = fieldValues(fields, 'content-length');
  return status === 204 ? [] : lengths.slice(0, 1).map((value) => ({ name: 'Content-Length', value }));
}
