// Notifications to systemd while the daemon lives: readiness, reloads, its end, the watchdog and one line of status
// (sd_notify(3), sd_watchdog_enabled(3)).
import type { Notify } from '../unix/systemd.ts';

export interface Supervision {
  /** The daemon serves, as a new start or again after reloading(). */
  ready(): void;
  reloading(): void;
  stopping(): void;
}

const UNSUPERVISED: Supervision = {
  ready: () => undefined,
  reloading: () => undefined,
  stopping: () => undefined,
};

/** How often a status that has changed is told, where the watchdog does not want to hear from us more often. */
const STATUS_INTERVAL_MS = 10_000;

/** `status` describes the state in one line; `notify` is undefined when systemd does not listen. */
export function supervise(
  notify: Notify | undefined,
  status: () => string,
  env: NodeJS.ProcessEnv = process.env,
): Supervision {
  if (notify === undefined) return UNSUPERVISED;
  const patienceMs = watchdogMs(env);
  const sign = patienceMs === undefined ? [] : ['WATCHDOG=1'];
  let told = '';
  const tell = (...states: readonly string[]): void => {
    const line = `STATUS=${status()}`;
    const all = line === told ? states : [...states, line];
    told = line;
    if (all.length > 0) notify(all.join('\n'));
  };
  // From the event loop: one that hangs sends nothing, and is started anew.
  const period = Math.min(patienceMs === undefined ? Infinity : patienceMs / 2, STATUS_INTERVAL_MS);
  // It goes on while sessions drain: that may take long, and the watchdog still waits.
  setInterval(() => tell(...sign), period).unref();
  return {
    // After a takeover we are not who systemd has started.
    ready: () => tell('READY=1', `MAINPID=${process.pid}`, ...sign),
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
  };
}

/** How long systemd waits for a sign of life; undefined where it does not wait for ours. */
function watchdogMs({ WATCHDOG_USEC: limit = '', WATCHDOG_PID: pid }: NodeJS.ProcessEnv): number | undefined {
  if (!/^[1-9]\d{3,14}$/.test(limit)) return undefined;
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  return Number(limit) / 1000;
}
