import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { createChapVerifier, newChallenge, type Challenge } from '../../src/auth/chap.ts';
import type { User, Users } from '../../src/auth/files/users.ts';
import { recoverableText, type Hash } from '../../src/auth/hashing/hash.ts';
import { CHAP_ALGORITHM } from '../../src/protocol/codes.ts';
import { hmacMd5, pppMd5 } from '../support/chap.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

const { HMAC_MD5, MD5 } = CHAP_ALGORITHM;
const DES: Hash = { kind: 'des', text: 'rqXexS6ZhobKA' };
const recoverable = (secret: string): Hash => ({
  kind: 'base64',
  text: recoverableText(Buffer.from(secret)),
});

function usersOf(entries: Readonly<Record<string, readonly Hash[]>>, serverSecret?: string): Users {
  const users = Object.entries(entries).map(([name, hashes]): User => ({ name, group: undefined, hashes }));
  return {
    byName: new Map(users.map((user) => [user.name, user])),
    usable: users.filter(({ hashes }) => hashes.length > 0),
    serverSecret: serverSecret === undefined ? undefined : Buffer.from(serverSecret),
  };
}

const counting = (length: number) => Uint8Array.from({ length }, (_, at) => at);
const challenge = (bytes: Uint8Array, algorithm: Challenge['algorithm'] = HMAC_MD5): Challenge => ({
  algorithm,
  identifier: 0x2a,
  bytes,
});

const VECTORS: readonly (readonly [string, string, Challenge, string])[] = [
  ['challenge 00..0F', 'pw', challenge(counting(16)), '31fa62e5af681371784f0909155c4946'],
  ['challenge 00..7F', 'pw', challenge(counting(128)), '0c716e0b2ceab7cc2ccfd635274d9c52'],
  ['the algorithm of PPP', 'pw', challenge(counting(16), MD5), '0290cda3bbb8c633601864ce82de2efc'],
  [
    'RFC 2202, test case 2',
    'Jefe',
    challenge(Buffer.from('what do ya want for nothing?')),
    '750c783e6ab0b503eaa86e310a5db738',
  ],
];

for (const [title, secret, given, response] of VECTORS) {
  test(`prove() and identify() know the response to ${title}`, (t) => {
    const chap = createChapVerifier(usersOf({ alice: [recoverable(secret)] }, secret))!;
    t.is(Buffer.from(chap.prove(given)!).toString('hex'), response);
    const identity = chap.identify(Buffer.from('alice'), Buffer.from(response, 'hex'), given);
    t.deepEqual(identity, { kind: 'user', name: 'alice', group: undefined });
  });
}

test('a response is what the hmac module of Python computes', (t) => {
  for (const length of [1, 63, 64, 65, 200]) {
    const [secret, bytes] = [randomBytes(length), randomBytes(128)];
    const script =
      'import hmac,sys; k,t=map(bytes.fromhex,sys.argv[1:]); print(hmac.new(k,t,"md5").hexdigest())';
    const args = ['-c', script, secret.toString('hex'), bytes.toString('hex')];
    const chap = createChapVerifier({ ...usersOf({ a: [recoverable('x')] }), serverSecret: secret })!;
    const expected = execFileSync('python3', args, { encoding: 'utf8' }).trim();
    t.is(Buffer.from(chap.prove(challenge(bytes))!).toString('hex'), expected);
    t.is(hmacMd5(secret, bytes).toString('hex'), expected);
  }
});

test('identify() takes any one of the secrets of a user, and no hash for a secret', (t) => {
  const users = usersOf({ alice: [DES, recoverable('one'), recoverable('two')], bob: [recoverable('bob')] });
  const chap = createChapVerifier(users)!;
  const given = newChallenge(HMAC_MD5);
  const accepted = ['one', 'two', 'three', DES.text, ''].map(
    (secret) => chap.identify(Buffer.from('alice'), hmacMd5(secret, given.bytes), given) !== undefined,
  );
  t.deepEqual(accepted, [true, true, false, false, false]);
  t.is(chap.identify(Buffer.from('alice'), hmacMd5('bob', given.bytes), given), undefined);
});

test('identify() refuses who is unknown, who has only a hash, and responses of another length', (t) => {
  const chap = createChapVerifier(usersOf({ alice: [recoverable('pw')], bob: [DES], eve: [] }))!;
  const given = newChallenge(HMAC_MD5);
  const right = hmacMd5('pw', given.bytes);
  for (const name of ['', 'bob', 'eve', 'alic', 'alice\0', 'Alice', 'nobody']) {
    t.is(chap.identify(Buffer.from(name), right, given), undefined);
    t.is(chap.identify(Buffer.from(name), hmacMd5('', given.bytes), given), undefined);
  }
  for (const response of [right.subarray(0, 15), Buffer.concat([right, right]), Buffer.alloc(0)]) {
    t.is(chap.identify(Buffer.from('alice'), response, given), undefined);
  }
  t.truthy(chap.identify(Buffer.from('alice'), right, given));
});

test('identify() tells the algorithms and identifiers apart', (t) => {
  const chap = createChapVerifier(usersOf({ alice: [recoverable('pw')] }))!;
  const alice = Buffer.from('alice');
  const given = newChallenge(MD5);
  const response = (identifier: number) => pppMd5('pw', Uint8Array.of(identifier), given.bytes);
  t.truthy(chap.identify(alice, response(given.identifier), given));
  t.is(chap.identify(alice, response((given.identifier + 1) % 256), given), undefined);
  t.is(chap.identify(alice, hmacMd5('pw', given.bytes), given), undefined);
  const other = { ...given, algorithm: HMAC_MD5 };
  t.is(chap.identify(alice, response(given.identifier), other), undefined);
});

test('an identity bears the group of the user', (t) => {
  const user: User = { name: 'jürgen', group: 'staff', hashes: [recoverable('pw')] };
  const name = Buffer.from('jürgen');
  const byName = new Map([[name.toString('latin1'), user]]);
  const chap = createChapVerifier({ byName, usable: [user], serverSecret: undefined })!;
  const given = newChallenge(HMAC_MD5);
  t.deepEqual(chap.identify(name, hmacMd5('pw', given.bytes), given), {
    kind: 'user',
    name: 'jürgen',
    group: 'staff',
  });
  t.is(chap.prove(given), undefined);
});

test('there is no verifier where nobody has a secret for it', (t) => {
  t.is(createChapVerifier(usersOf({}, 'server')), undefined);
  t.is(createChapVerifier(usersOf({ bob: [DES], eve: [] })), undefined);
});

test('newChallenge() gives 128 bytes that never repeat (CH-7)', (t) => {
  const seen = new Set<string>();
  const identifiers = new Set<number>();
  for (let count = 0; count < 2000; count++) {
    const { bytes, identifier } = newChallenge(HMAC_MD5);
    t.is(bytes.length, 128);
    seen.add(Buffer.from(bytes).toString('hex').slice(0, 32));
    identifiers.add(identifier);
  }
  t.is(seen.size, 2000);
  t.true(identifiers.size > 200);
});

test('in FIPS mode there is no verifier, and one warning', (t) => {
  const script = `
    import { setFips } from 'node:crypto';
    import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
    const { loadUsers } = await import('${new URL('../../src/auth/files/users.ts', import.meta.url).href}');
    const { createChapVerifier } = await import('${new URL('../../src/auth/chap.ts', import.meta.url).href}');
    const folder = mkdtempSync('/tmp/chap-fips-');
    const file = folder + '/users';
    writeFileSync(file, 'alice::$base64$eA==\\nbob::$base64$eA==\\n', { mode: 0o600 });
    setFips(1);
    const { users, problems } = loadUsers([{ format: 'auto', file, origin: {} }], 'refuse');
    rmSync(folder, { recursive: true });
    const verifier = createChapVerifier(users) === undefined ? 'none' : 'some';
    console.log(JSON.stringify([verifier, users.usable.length, ...problems.map(({ text }) => text)]));`;
  const args = [TYPESCRIPT, '--input-type=module', '--eval', script];
  const said = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as unknown[];
  t.deepEqual(said.slice(0, 2), ['none', 2]);
  t.is(said.length, 3);
  t.regex(String(said[2]), /alice .*MD5.*CHAP is not offered/);
});
