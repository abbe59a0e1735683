// Events for the onEvent() of a program: when it fails the program is warned, and the session goes on.
import type { Report, SessionEvent } from '../session/events.ts';
import { isPromise } from './calls.ts';
import { textOf } from './failure.ts';

/** `listener` returns the current listener. Its first error or rejection becomes a warning of the process. */
export function hearing(listener: () => Report | undefined): Report {
  let isWarned = false;
  const warn = (event: SessionEvent, thrown: unknown): void => {
    if (isWarned) return;
    isWarned = true;
    process.emitWarning(`onEvent() failed on "${event.kind}": ${textOf(thrown)}; it is not told again`, {
      type: 'PicoSocks5Warning',
      code: 'PICOSOCKS5_ON_EVENT',
      ...(thrown instanceof Error && thrown.stack !== undefined ? { detail: thrown.stack } : {}),
    });
  };
  return (event) => {
    try {
      const heard: unknown = listener()?.(event);
      if (isPromise(heard)) Promise.resolve(heard).catch((thrown: unknown) => warn(event, thrown));
    } catch (thrown) {
      warn(event, thrown);
    }
  };
}
