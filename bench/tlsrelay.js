// The yardstick of TLS in front: a bare tls.Server that relays each client to the host that its SOCKS5 request names, and no more.
// `node bench/tlsrelay.js PORT [CERTIFICATE KEY]`; without a certificate the same in clear.
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const [port, cert, key] = process.argv.slice(2);
/** Greeting with one method, and a request for an IPv4 address. */
const GREETING_BYTES = 3;
const REQUEST_BYTES = 10;
const SUCCEEDED = Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);

function serve(client) {
  let heard = Buffer.alloc(0);
  let isGreeted = false;
  client.on('error', () => client.destroy());
  client.on('data', function hear(bytes) {
    heard = Buffer.concat([heard, bytes]);
    if (!isGreeted && heard.length >= GREETING_BYTES) {
      isGreeted = true;
      client.write(Buffer.from([5, 0]));
    }
    if (heard.length < GREETING_BYTES + REQUEST_BYTES) return;
    client.off('data', hear);
    relay(client, heard.subarray(GREETING_BYTES));
  });
}

function relay(client, asked) {
  const host = [...asked.subarray(4, 8)].join('.');
  const target = connect({ host, port: asked.readUInt16BE(8), noDelay: true, allowHalfOpen: true });
  target.on('error', () => client.destroy());
  target.once('connect', () => {
    client.write(SUCCEEDED);
    if (asked.length > REQUEST_BYTES) target.write(asked.subarray(REQUEST_BYTES));
    client.pipe(target);
    target.pipe(client);
  });
}

const options = { noDelay: true, allowHalfOpen: true };
const server =
  cert === undefined
    ? createServer(options, serve)
    : createTlsServer({ ...options, cert: readFileSync(cert), key: readFileSync(key) }, serve);
server.on('tlsClientError', () => undefined);
server.listen(Number(port), '127.0.0.1');
