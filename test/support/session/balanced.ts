// A server behind a balancer of the test.
import { mustBeCidr } from '../../../src/base/ip.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import { binaryHeader } from '../proxyheaders.ts';
import { onlyUser, type TestServer } from '../server.ts';
import { dialWire, type Wire } from '../sockets.ts';

/** Only 127.0.0.1 is a balancer; other loopback addresses are clients without one. */
export const BEHIND: Partial<Snapshot> = { proxyProtocol: [mustBeCidr('127.0.0.1/32')] };

export const ALICE = { checkLogin: onlyUser('alice', 'secret') };

export const LOCAL = binaryHeader({ command: 0x20, family: 0, addresses: '' });

export const GREETING = Uint8Array.of(5, 1, 0);

export const NO_METHOD = Uint8Array.of(5, 1, 2);

export const line = (client: string, port = 4242): string =>
  `PROXY TCP4 ${client} 198.51.100.1 ${port} 1080\r\n`;

export const connectTo = (port: number): Uint8Array =>
  Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255);

export const login = (password: string, user = 'alice'): Buffer =>
  Buffer.from(
    `\x01${String.fromCharCode(user.length)}${user}${String.fromCharCode(password.length)}${password}`,
  );

export async function send(server: TestServer, ...parts: readonly (Uint8Array | string)[]): Promise<Wire> {
  const wire = await dialWire(server.port);
  wire.send(Buffer.concat(parts.map((part) => Buffer.from(part as string, 'latin1'))));
  return wire;
}

export const endOf = (wire: Wire): Promise<string> => wire.ending().catch(() => 'reset');
