// The answer to health checks: whether new clients should be sent here.
import type { WebAnswer } from './webanswer.ts';

/** Whether new clients should be sent here; `leaving`: they are still served, but the daemon stops soon. */
export type Readiness = 'starting' | 'serving' | 'leaving' | 'draining';

/** With "http-check disable-on-404" HAProxy reads 404 as leaving: no new clients, and sessions go on. */
const STATUS: Readonly<Record<Readiness, WebAnswer['status']>> = {
  starting: '503 Service Unavailable',
  serving: '200 OK',
  leaving: '404 Not Found',
  draining: '503 Service Unavailable',
};

export function answerOf(readiness: Readiness): WebAnswer {
  return { status: STATUS[readiness], type: 'text/plain', body: `${readiness}\n` };
}
