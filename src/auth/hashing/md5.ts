// Whether node:crypto computes MD5, on which all of CHAP rests: in FIPS mode it does not.
import { createHash } from 'node:crypto';

export function hasMd5(): boolean {
  try {
    createHash('md5');
    return true;
  } catch {
    return false;
  }
}
