// What a promise was rejected with.
import { Fault } from '../../src/base/fault.ts';

/** Rejects with whatever else `work` was rejected with, and where it was not. */
export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const reason = await work.then(
    () => new Error('did not fail'),
    (failure: unknown) => failure,
  );
  if (reason instanceof Fault) return reason;
  throw reason;
}

export function causeOf({ cause }: Fault): string {
  return cause instanceof Error ? cause.message : String(cause);
}
