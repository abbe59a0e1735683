// Users with secrets for CHAP, and a client that speaks it.
import { createChapVerifier } from '../../../src/auth/chap.ts';
import type { User } from '../../../src/auth/files/users.ts';
import { recoverableText, type Hash } from '../../../src/auth/hashing/hash.ts';
import type { Snapshot } from '../../../src/session/session.ts';
import { ALGORITHMS, HMAC_MD5, RESPONSE, respondTo, USER, type Item, type Said } from '../chap.ts';
import { policy, section } from '../policy.ts';
import { onlyUser } from '../server.ts';

export const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

export const of = (...bytes: readonly number[]) => Uint8Array.from(bytes);

export const DRAFT: readonly Item[] = [[ALGORITHMS, of(HMAC_MD5)]];

export const FAILURE = '01010001ff';

function user(name: string, hash: Hash, group?: string): readonly [string, User] {
  return [Buffer.from(name).toString('latin1'), { name, group, hashes: [hash] }];
}

const recoverable = (secret: string): Hash => ({
  kind: 'base64',
  text: recoverableText(Buffer.from(secret)),
});

const byName = new Map([
  user('alice', recoverable('pw')),
  user('jürgen', recoverable('zwei')),
  user('guest', recoverable('pw'), 'guests'),
  user('bob', { kind: 'des', text: 'rqXexS6ZhobKA' }),
]);

const verifier = (serverSecret?: string) =>
  createChapVerifier({
    byName,
    usable: [...byName.values()],
    serverSecret: serverSecret === undefined ? undefined : Buffer.from(serverSecret),
  });

/** With alice, jürgen, guest, whom a rule keeps out, and bob, who has no secret for CHAP. */
export const WITH_CHAP: Partial<Snapshot> = {
  policy: policy({ hasUsers: true, named: [section('guests', { network: '192.0.2.0/24' })] }),
  checkLogin: onlyUser('alice', 'pw'),
  chap: verifier(),
};

export const WITH_SERVER_SECRET: Partial<Snapshot> = { ...WITH_CHAP, chap: verifier('server') };

export const answerOf = (said: Said, name: string, secret: string): readonly Item[] => [
  [USER, name],
  [RESPONSE, respondTo(said, secret)],
];
