// The PAC file, for browsers that know only the address of this proxy. It is the only thing served to clients that take us for
// a web server: before any login, to clients whom `network` admits.
import { formatEndpoint } from '../../base/ip.ts';
import { fieldValues } from '../../protocol/http/httphead.ts';
import { encodeHttpReply } from '../../protocol/http/httpreply.ts';
import type { HttpRequest } from '../../protocol/http/httprequest.ts';
import type { Command } from '../commands/commands.ts';
import type { Handshake } from '../session.ts';

const PATH = '/proxy.pac';
const TYPE = 'application/x-ns-proxy-autoconfig';
/** Stands for the address of this proxy in the operator's file. */
const PLACE = '{host}';

/** The command of a request for the PAC file; undefined: it is none, or there is no such file. */
export function pacFor({ snapshot }: Handshake, request: HttpRequest): Command | undefined {
  const text = snapshot.http?.pac;
  const { method, target } = request;
  const isAsked = target.kind === 'origin' && target.path === PATH && (method === 'GET' || method === 'HEAD');
  if (text === undefined || !isAsked) return undefined;
  return {
    name: 'pac',
    run: (handshake) =>
      Promise.resolve({
        kind: 'served',
        bytes: encodeHttpReply({
          status: 200,
          body: textFor(handshake, text).replaceAll(PLACE, () => addressFor(handshake, request)),
          type: TYPE,
          shows: method === 'HEAD' ? 'length-only' : 'body',
          connection: 'close',
        }),
      }),
  };
}

/** A client that has come by TLS will use TLS next time, too. */
function textFor({ leg }: Handshake, text: string): string {
  return leg.tls === undefined ? text : text.replaceAll(`PROXY ${PLACE}`, `HTTPS ${PLACE}`);
}

/** Only a host and a port may enter the script, so nothing else passes as Host. */
const HOST = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d+)?$/;

/** The host by which the client knows us. */
function addressFor({ leg }: Handshake, { fields }: HttpRequest): string {
  const [host = ''] = fieldValues(fields, 'host');
  const [known, port] = HOST.exec(host) ?? [];
  if (known === undefined) return formatEndpoint(leg.local);
  return port === undefined ? `${known}:${leg.local.port}` : known;
}
