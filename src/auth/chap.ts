// Challenges and responses of CHAP (draft-ietf-aft-socks-chap-01). It needs the secrets themselves, so only users with a
// `$base64$` entry can log in with it. Neither the flow nor the work tells an unknown user from a wrong response.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { byteString } from '../base/bytes.ts';
import type { Fault } from '../base/fault.ts';
import type { Identity } from '../policy/identity.ts';
import { CHAP_ALGORITHM, type ChapAlgorithm } from '../protocol/codes.ts';
import { barOf } from './files/standing.ts';
import type { User, Users } from './files/users.ts';
import { secretBehind } from './hashing/hash.ts';
import { hasMd5 } from './hashing/md5.ts';

/** The challenge that a response answers. */
export interface Challenge {
  readonly algorithm: ChapAlgorithm;
  /** 0 to 255; only MD5 heeds it. */
  readonly identifier: number;
  readonly bytes: Uint8Array;
}

export interface ChapVerifier {
  /** The identity of a right response; undefined when the user is unknown or the response is wrong. */
  identify(user: Uint8Array, response: Uint8Array, challenge: Challenge): Identity | undefined;
  /** Why a user with the right response may not log in; undefined when they may. */
  bar(user: Uint8Array): Fault | undefined;
  /** Whether the response was made with an empty secret. */
  isEmpty(response: Uint8Array, challenge: Challenge): boolean;
  /** The server's own response to a challenge of the client; undefined when it has no secret. */
  prove(challenge: Challenge): Uint8Array | undefined;
}

/** As many as the C program picosocks5 sends; 2^-1024 is the chance that one comes twice. */
const CHALLENGE_BYTES = 128;

/** A verifier for these users; undefined when none has a secret for CHAP, or MD5 is not available. */
export function createChapVerifier({ usable, byName, serverSecret }: Users): ChapVerifier | undefined {
  const most = Math.max(0, ...usable.map((user) => secretsOf(user).length));
  if (most === 0 || !hasMd5()) return undefined;
  // Random filler: every user is checked against the same number of secrets, so timing does not tell how many they have.
  const fakes = Array<Uint8Array>(most).fill(randomBytes(32));
  const nobody: Candidate = { identity: undefined, secrets: fakes };
  const candidates = new Map([...byName].map(([name, user]) => [name, candidateOf(user, fakes)] as const));
  return {
    identify: (user, response, challenge) => {
      const { identity, secrets } = candidates.get(byteString(user)) ?? nobody;
      // Each secret is tried, whichever matches.
      const matching = secrets.filter((secret) => sameBytes(respond(secret, challenge), response));
      return matching.length > 0 ? identity : undefined;
    },
    bar: (user) => {
      const found = byName.get(byteString(user));
      return found && barOf(found);
    },
    isEmpty: (response, challenge) => sameBytes(respond(new Uint8Array(0), challenge), response),
    prove: (challenge) => serverSecret && respond(serverSecret, challenge),
  };
}

/** A random challenge. */
export function newChallenge(algorithm: ChapAlgorithm): Challenge {
  const [identifier = 0, ...bytes] = randomBytes(1 + CHALLENGE_BYTES);
  return { algorithm, identifier, bytes: Uint8Array.from(bytes) };
}

interface Candidate {
  /** undefined when even the right response does not let the user in. */
  readonly identity: Identity | undefined;
  /** As many for each candidate, so that the number of digests says nothing. */
  readonly secrets: readonly Uint8Array[];
}

function candidateOf(user: User, fakes: readonly Uint8Array[]): Candidate {
  const secrets = secretsOf(user);
  const identity: Identity = { kind: 'user', name: user.name, group: user.group };
  return {
    identity: secrets.length > 0 ? identity : undefined,
    secrets: [...secrets, ...fakes.slice(secrets.length)],
  };
}

function secretsOf({ hashes }: User): Uint8Array[] {
  return hashes.flatMap(({ kind, text }) => (kind === 'base64' ? [secretBehind(text)] : []));
}

/** 16 bytes: HMAC-MD5 (RFC 2104) of the challenge alone, or MD5 as PPP computes it (RFC 1994 section 4.1). */
export function respond(secret: Uint8Array, { algorithm, identifier, bytes }: Challenge): Uint8Array {
  switch (algorithm) {
    case CHAP_ALGORITHM.HMAC_MD5:
      return createHmac('md5', secret).update(bytes).digest();
    case CHAP_ALGORITHM.MD5:
      return createHash('md5').update(Uint8Array.of(identifier)).update(secret).update(bytes).digest();
  }
}

function sameBytes(right: Uint8Array, given: Uint8Array): boolean {
  return right.length === given.length && timingSafeEqual(right, given);
}
