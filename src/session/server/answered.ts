// The rest of a session whose client has got its answer: nothing, and then its end.
import type { Activity, ActivityEnd } from '../activity.ts';

const END: ActivityEnd = { bytesUp: 0, bytesDown: 0, endedBy: 'answered' };

export const ANSWERED: Activity = {
  progress: () => END,
  setRate: () => undefined,
  setStop: () => undefined,
  cut: () => undefined,
  whenEnded: (listener) => queueMicrotask(() => listener(END)),
};
