// The rest of a session whose client has got its answer: nothing, and then its end.
import type { Relay, RelayEnd } from '../../net/transport.ts';

const END: RelayEnd = { bytesUp: 0, bytesDown: 0, endedBy: 'answered' };

export const ANSWERED: Relay = {
  progress: () => END,
  setRate: () => undefined,
  setStop: () => undefined,
  cut: () => undefined,
  whenEnded: (listener) => queueMicrotask(() => listener(END)),
};
