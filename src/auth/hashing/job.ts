// Messages between the main thread and a hashing thread.
import type { Hash } from './hash.ts';

/** One login: does the password belong to one of these hashes? */
export interface Job {
  readonly password: Uint8Array;
  readonly hashes: readonly Hash[];
}

/**
 * `ready` once, when everything is loaded; then one of the others for each job. `broken`: the check failed, so the result is
 * unknown.
 */
export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'verdict'; readonly matches: boolean }
  | { readonly kind: 'broken'; readonly why: string };
