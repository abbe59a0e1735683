// Clients that log in by each method, and a server that counts what comes of it.
import type { ExecutionContext } from 'ava';
import { createChapVerifier } from '../../../src/auth/chap.ts';
import { recoverableText } from '../../../src/auth/hashing/hash.ts';
import { parseCidr } from '../../../src/base/ip.ts';
import type { Transport } from '../../../src/net/transport.ts';
import type { LoginRules } from '../../../src/session/logins.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import { policy } from '../policy.ts';
import { onlyUser, SNAPSHOT, startServer, type TestServer } from '../server.ts';
import { dialWire, type Wire } from '../sockets.ts';

export const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

export const userPass = (user: string, password: string) =>
  Buffer.concat([hex('05 01 02 01'), lengthed(user), lengthed(password)]);

const lengthed = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]);

export const IN = '05020100';

export const OUT = '05020101';

export const rules = (changes: Partial<LoginRules>): Pick<Snapshot, 'logins'> => ({
  logins: { ...SNAPSHOT.logins, ...changes },
});

export const trusting = (...whitelist: string[]) =>
  rules({ trust: { whitelist: whitelist.map((text) => parseCidr(text)!), authOnceMs: 0 } });

export const AUTH_ONCE = rules({ trust: { whitelist: [], authOnceMs: 60_000 } });

export const banning = (failures: number) => rules({ bans: { ...SNAPSHOT.logins.bans, failures } });

const secret = { kind: 'base64', text: recoverableText(Buffer.from('right')) } as const;

const alice = { name: 'alice', group: undefined, hashes: [secret] };

export const USERS: Partial<Snapshot> = {
  policy: policy({ hasUsers: true }),
  checkLogin: onlyUser('alice', 'right'),
  chap: createChapVerifier({
    byName: new Map([['alice', alice]]),
    usable: [alice],
    serverSecret: undefined,
  }),
};

/** What a client does at a server over `transport`; both end with the test. */
export function loginsOver(transport: Transport) {
  const start = async (t: ExecutionContext, changes: Partial<Snapshot>): Promise<TestServer> => {
    const server = await startServer(transport, { ...USERS, ...changes });
    t.teardown(() => server.stop());
    return server;
  };

  const dial = async (t: ExecutionContext, { port }: TestServer, from?: string): Promise<Wire> => {
    const wire = await dialWire(port, '127.0.0.1', from);
    t.teardown(() => wire.socket.destroy());
    return wire;
  };

  /** The first `size` bytes that answer `bytes`, in hex. */
  const ask = async (wire: Wire, bytes: Uint8Array, size: number): Promise<string> => {
    wire.send(bytes);
    return (await wire.take(size)).toString('hex');
  };

  const login = async (t: ExecutionContext, server: TestServer, password: string, from?: string) =>
    ask(await dial(t, server, from), userPass('alice', password), 4);

  /** What greeting with 00 alone is answered. */
  const unnamed = async (t: ExecutionContext, server: TestServer, from?: string) =>
    ask(await dial(t, server, from), hex('05 01 00'), 2);

  return { start, dial, ask, login, unnamed };
}
