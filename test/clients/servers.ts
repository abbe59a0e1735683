// The host that clients reach through the proxy alone: its name server, web server, and some more. Run by world.ts in a network
// namespace, with the folder that holds `web/`, `cert.pem` and `key.pem`.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startDnsServer } from '../support/dns.ts';
import { PORTS, WEB } from './place.ts';
import { servePage, upgradeToWebSocket } from './page.ts';

const folder = process.argv[2]!;
/** Both families in one socket. */
const ANY = '::';

const names = { [WEB.name]: { a: [WEB.ipv4], aaaa: [WEB.ipv6] } };
await startDnsServer(names, { host: WEB.ipv4, port: PORTS.dns });
const pages = servePage(join(folder, 'web'));
const web = createHttpServer(pages as RequestListener);
const identity = {
  cert: readFileSync(join(folder, 'cert.pem')),
  key: readFileSync(join(folder, 'key.pem')),
};
const secureWeb = createSecureServer({ ...identity, allowHTTP1: true }, pages);
for (const server of [web, secureWeb]) server.on('upgrade', upgradeToWebSocket);
await listen(web, PORTS.web);
await listen(secureWeb, PORTS.secureWeb);
await listen(createServer(callBack), PORTS.caller);
await greetOverUdp();
console.log('ready');

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, ANY);
  await once(server, 'listening');
}

/** What active FTP does, without FTP. */
function callBack(socket: Socket): void {
  socket.on('error', () => undefined);
  const lines = createInterface({ input: socket });
  lines.on('error', () => undefined);
  lines.once('line', (line) => {
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(line) ?? [];
    const call = connect({ host, port: Number(port), localAddress: WEB.ipv4 });
    call.on('error', (error) => socket.end(`${error.message}\n`));
    call.on('connect', () => call.end('hello through the proxy\n'));
  });
}

async function greetOverUdp(): Promise<void> {
  const socket = createSocket('udp6');
  socket.on('message', (_, from) => socket.send('hello through the proxy\n', from.port, from.address));
  socket.bind(PORTS.greeter, ANY);
  await once(socket, 'listening');
}
