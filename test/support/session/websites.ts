// A web server that answers as a test says, and clients that ask a proxy for its URLs.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { TestServer } from '../server.ts';
import { dialWire, type Wire } from '../sockets.ts';

interface Web {
  readonly port: number;
  /** What each connection has brought, so far. */
  readonly heard: string[];
}

/** Says `answers`, one for each connection, once it has heard `until`; then FIN. */
export async function web(t: ExecutionContext, answers: readonly string[], until = '\r\n\r\n'): Promise<Web> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const at = heard.push('') - 1;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard[at]! += bytes.toString('latin1');
      const isWhole = heard[at]!.indexOf(until, heard[at]!.length - bytes.length - until.length) >= 0;
      if (isWhole && !socket.writableEnded) socket.end(answers[at] ?? '', 'latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard };
}

export async function dial(t: ExecutionContext, { port }: TestServer): Promise<Wire> {
  const wire = await dialWire(port);
  t.teardown(() => wire.socket.destroy());
  return wire;
}

export const lines = (...all: string[]): string => [...all, '', ''].join('\r\n');

export const get = (port: number, ...fields: string[]): string =>
  lines(`GET http://127.0.0.1:${port}/a?b HTTP/1.1`, 'Host: elsewhere', ...fields);

export const HELLO = `${lines('HTTP/1.1 200 OK', 'Content-Length: 5')}hello`;
