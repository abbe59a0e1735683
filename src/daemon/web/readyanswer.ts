// The answer to health checks: whether new clients shall come.
import type { WebAnswer } from './webanswer.ts';

/** Whether new clients shall come; `leaving`: those who come are served still, but it stops soon. */
export type Readiness = 'starting' | 'serving' | 'leaving' | 'draining';

/** HAProxy takes 404 for that with "http-check disable-on-404": no new clients, and sessions go on. */
const STATUS: Readonly<Record<Readiness, WebAnswer['status']>> = {
  starting: '503 Service Unavailable',
  serving: '200 OK',
  leaving: '404 Not Found',
  draining: '503 Service Unavailable',
};

export function answerOf(readiness: Readiness): WebAnswer {
  return { status: STATUS[readiness], type: 'text/plain', body: `${readiness}\n` };
}
