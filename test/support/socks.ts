// A SOCKS5 client of the tests, written apart from the codecs of the product.
import { dialWire, type Wire } from './sockets.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Connects through the proxy to 127.0.0.1:`port`; rejects with the REP when it is not 0. `from`: the client's address. */
export async function connectThrough(
  proxyPort: number,
  port: number,
  login?: Login,
  from?: string,
): Promise<Wire> {
  const wire = await dialWire(proxyPort, '127.0.0.1', from);
  try {
    await enter(wire, login);
    wire.send(Uint8Array.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 0xff));
    const reply = await wire.take(10);
    if (reply[1] !== 0) throw new Error(`REP ${reply[1] ?? -1}`);
    return wire;
  } catch (error) {
    wire.socket.destroy();
    throw error;
  }
}

/** Greeting and, with `login`, RFC 1929. Rejects when the server does not want us. */
export async function enter(wire: Wire, login?: Login): Promise<void> {
  wire.send(Uint8Array.of(5, 1, login === undefined ? 0 : 2));
  const [, method] = await wire.take(2);
  if (method === 0xff) throw new Error('no acceptable method');
  if (login === undefined) return;
  const user = Buffer.from(login.user);
  const password = Buffer.from(login.password);
  wire.send(Buffer.concat([Uint8Array.of(1, user.length), user, Uint8Array.of(password.length), password]));
  const [, status] = await wire.take(2);
  if (status !== 0) throw new Error(`login status ${status ?? -1}`);
}

/** What `05 01 00` from the address `from` is answered, in hex; `fin` or `reset` where that is all. */
export async function greet(proxyPort: number, from: string): Promise<string> {
  let wire: Wire | undefined;
  try {
    wire = await dialWire(proxyPort, '127.0.0.1', from);
    wire.send(Uint8Array.of(5, 1, 0));
    return (await wire.take(2)).toString('hex');
  } catch {
    // A reset may be there before connect() has returned.
    return wire === undefined ? 'reset' : await wire.ending();
  } finally {
    wire?.socket.destroy();
  }
}
