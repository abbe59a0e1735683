// The encryption types of Kerberos that can protect messages here: AES with SHA-1 (RFC 3962) and with SHA-2 (RFC 8009). Each is what
// differs between them; the tokens are built in wrap.ts.
import { createHmac } from 'node:crypto';
import { aesCts, aesCbcOfBlock } from './ciphertext.ts';
import { nfold } from './nfold.ts';

/** The use of a derived key; the last byte of its constant says it (RFC 3961 section 5.3). */
export type KeyPurpose = 'encryption' | 'integrity' | 'checksum';

export interface Enctype {
  readonly name: string;
  readonly keyBytes: number;
  /** Length of the MAC of a sealed message, and of the checksum of a message in clear. */
  readonly macBytes: number;
  /** `text`: the MAC is of the plaintext; `ciphertext`: of the ciphertext, behind its initial vector of zeros. */
  readonly macOf: 'text' | 'ciphertext';
  readonly derive: (key: Uint8Array, usage: number, purpose: KeyPurpose) => Uint8Array;
  /** The whole of it, before it is cut to `macBytes`. */
  readonly hmac: (key: Uint8Array, parts: readonly Uint8Array[]) => Uint8Array;
  readonly encrypt: (key: Uint8Array, text: Uint8Array) => Uint8Array;
  /** At least one block. */
  readonly decrypt: (key: Uint8Array, ciphertext: Uint8Array) => Uint8Array;
}

/** By the numbers of the Kerberos registry of IANA. */
const ENCTYPES: ReadonlyMap<number, Enctype> = new Map([
  [17, sha1Type('aes128-cts-hmac-sha1-96', 16)],
  [18, sha1Type('aes256-cts-hmac-sha1-96', 32)],
  [19, sha2Type('aes128-cts-hmac-sha256-128', { keyBytes: 16, macBytes: 16, hash: 'sha256' })],
  [20, sha2Type('aes256-cts-hmac-sha384-192', { keyBytes: 32, macBytes: 24, hash: 'sha384' })],
]);

/** undefined: one that protects nothing here, such as RC4 (23). */
export function enctypeOf(number: number): Enctype | undefined {
  return ENCTYPES.get(number);
}

const PURPOSE: Readonly<Record<KeyPurpose, number>> = { encryption: 0xaa, integrity: 0x55, checksum: 0x99 };

function constantOf(usage: number, purpose: KeyPurpose): Uint8Array {
  return Uint8Array.of(
    usage >>> 24,
    (usage >>> 16) & 0xff,
    (usage >>> 8) & 0xff,
    usage & 0xff,
    PURPOSE[purpose],
  );
}

/** DK of RFC 3961 section 5.1: blocks that are encrypted one from the other, the first of them the folded constant. */
function sha1Type(name: string, keyBytes: number): Enctype {
  return {
    name,
    keyBytes,
    macBytes: 12,
    macOf: 'text',
    derive(key, usage, purpose) {
      const derived = Buffer.alloc(keyBytes);
      let block = nfold(constantOf(usage, purpose), 16);
      for (let at = 0; at < keyBytes; at += 16) {
        block = aesCbcOfBlock(key, block);
        derived.set(block, at);
      }
      return derived;
    },
    hmac: (key, parts) => hmac('sha1', key, parts),
    ...aesCts,
  };
}

interface Sha2 {
  readonly keyBytes: number;
  readonly macBytes: number;
  readonly hash: 'sha256' | 'sha384';
}

/** KDF-HMAC-SHA2 of RFC 8009 section 3: one block suffices. Keys of MACs are as long as the MAC. */
function sha2Type(name: string, { keyBytes, macBytes, hash }: Sha2): Enctype {
  return {
    name,
    keyBytes,
    macBytes,
    macOf: 'ciphertext',
    derive(key, usage, purpose) {
      const size = purpose === 'encryption' ? keyBytes : macBytes;
      const bits = 8 * size;
      const counter = Uint8Array.of(0, 0, 0, 1);
      const length = Uint8Array.of(0, 0, 0, bits >> 8, bits & 0xff);
      return hmac(hash, key, [counter, constantOf(usage, purpose), length]).subarray(0, size);
    },
    hmac: (key, parts) => hmac(hash, key, parts),
    ...aesCts,
  };
}

function hmac(hash: string, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
