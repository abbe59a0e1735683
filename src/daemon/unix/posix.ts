// The optional native package `posix`. It is built for one Node version and loads in the main thread only, so
// every caller has another way, or a message, for when it is missing (docs/decisions/011-posix.md).
import { createRequire } from 'node:module';

/** Soft and hard limit; null is "unlimited". */
export interface ResourceLimit {
  readonly soft: number | null;
  readonly hard: number | null;
}

/** The part of `posix` that this program uses. Every function throws an Error when the system refuses. */
export interface Posix {
  /** A number is looked up as a uid. Throws for unknown users. */
  getpwnam(nameOrUid: string | number): { readonly name: string; readonly uid: number; readonly gid: number };
  /** Throws for unknown groups. */
  getgrnam(name: string): { readonly name: string; readonly gid: number };
  /** Does chdir(2) to the same directory first. */
  chroot(directory: string): void;
  getrlimit(resource: 'nofile'): ResourceLimit;
  setrlimit(resource: 'nofile', limit: ResourceLimit): void;
}

/** The package, loaded on first use; undefined where it is not installed or built for another Node. */
export function loadPosix(): Posix | undefined {
  try {
    return createRequire(import.meta.url)('posix') as Posix;
  } catch {
    return undefined;
  }
}
