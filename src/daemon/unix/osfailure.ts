// Failures of the system as failures of the start (71).
import { systemReason } from '../../config/values/systemreason.ts';
import { EXIT, StartFailure } from './exit.ts';

/** The start ends with what `message` says (71). */
export function osFailure(message: string, cause?: unknown): StartFailure {
  return new StartFailure(EXIT.OS_ERROR, message, cause);
}

/** The result of `act`; a system error becomes a failure of the start that says what was being done. */
export function attempt<Result>(doing: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof StartFailure) throw error;
    throw osFailure(`cannot ${doing}: ${systemReason(error)}`, error);
  }
}

/** The name of errno. */
export function errnoNameOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
