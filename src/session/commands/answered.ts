// How a session ends whose client wanted to know something, and got its answer.
import type { Leg, Relay, RelayEnd } from '../../net/transport.ts';

const END: RelayEnd = { bytesUp: 0, bytesDown: 0, endedBy: 'answered' };

/** Sends FIN behind the answer; the relay of a session that has nothing to relay, and so is over. */
export function endAnswered(leg: Leg): Relay {
  leg.close('fin');
  return {
    progress: () => END,
    setRate: () => undefined,
    setStop: () => undefined,
    cut: () => undefined,
    whenEnded: (listener) => queueMicrotask(() => listener(END)),
  };
}
