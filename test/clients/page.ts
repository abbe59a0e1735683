// The web site: a greeting, files, and a page that tells how much of it a browser got, its parts and a WebSocket.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { join, normalize } from 'node:path';
import type { Duplex } from 'node:stream';

const PARTS = 50;
const PART = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>';

/** Counts the parts, says something over a WebSocket, and reports both with the protocol of HTTP that was spoken. */
const PAGE = `<!doctype html><title>page</title>
${Array.from({ length: PARTS }, (_, index) => `<img src="/part/${index}.svg">`).join('\n')}
<script>
const spoken = new Promise((resolve) => {
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
  socket.onopen = () => socket.send('hello');
  socket.onmessage = ({ data }) => resolve(data);
  socket.onclose = () => resolve('closed');
});
addEventListener('load', async () => {
  const parts = [...document.images].filter(({ naturalWidth }) => naturalWidth > 0).length;
  const protocol = performance.getEntriesByType('navigation')[0].nextHopProtocol;
  fetch('/report?' + new URLSearchParams({ parts, socket: await spoken, protocol }) + '&from=' + location.search.slice(1));
});
</script>
`;

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** Answers every request; files are those of `folder`. */
export function servePage(folder: string): (request: Request, response: Response) => void {
  const reports = new Map<string, string>();
  const reported = new EventEmitter().setMaxListeners(0);
  const answer = async (request: Request): Promise<[type: string, body: string | Buffer]> => {
    const url = new URL(request.url ?? '/', 'http://server');
    if (url.pathname === '/') return ['text/plain', 'hello through the proxy\n'];
    if (url.pathname === '/page') return ['text/html', PAGE];
    if (url.pathname.startsWith('/part/')) return ['image/svg+xml', PART];
    const from = url.searchParams.get('from') ?? '';
    if (url.pathname === '/report') {
      const { parts, socket, protocol } = Object.fromEntries(url.searchParams);
      reports.set(from, `parts=${parts ?? ''} socket=${socket ?? ''} protocol=${protocol ?? ''}\n`);
      reported.emit(from);
      return ['text/plain', 'thanks'];
    }
    if (url.pathname === '/reported') {
      if (!reports.has(from)) await once(reported, from);
      return ['text/plain', reports.get(from) ?? ''];
    }
    return ['application/octet-stream', await readFile(join(folder, normalize(url.pathname)))];
  };
  return (request, response) => {
    answer(request).then(
      ([type, body]) => send(response, 200, type, body),
      () => send(response, 404, 'text/plain', 'no such file\n'),
    );
  };
}

function send(response: Response, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type });
  (response as ServerResponse).end(body);
}

/** RFC 6455, as much as one short message of each side takes. */
export function upgradeToWebSocket(request: IncomingMessage, socket: Duplex): void {
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.on('error', () => undefined);
  socket.write(
    ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'].join('\r\n') +
      `\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.once('data', (frame: Buffer) => {
    const length = frame[1]! & 0x7f;
    const mask = frame.subarray(2, 6);
    const text = frame.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]!);
    socket.write(Buffer.concat([Buffer.of(0x81, length), text]));
  });
}
