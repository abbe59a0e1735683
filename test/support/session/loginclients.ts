// Clients that log in by each method, and a server that counts what comes of it.
import { createChapVerifier } from '../../../src/auth/chap.ts';
import { recoverableText } from '../../../src/auth/hashing/hash.ts';
import { parseCidr } from '../../../src/base/ip.ts';
import type { LoginRules } from '../../../src/session/logins.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import { policy } from '../policy.ts';
import { onlyUser, SNAPSHOT } from '../server.ts';

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
