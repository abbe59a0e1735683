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

/** The interval between reports of a changed status, unless the watchdog needs a shorter one. */
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
  // Continues while sessions drain, which may take long: the watchdog still waits.
  setInterval(() => tell(...sign), period).unref();
  return {
    // After a takeover we are not who systemd has started.
    ready: () => tell('READY=1', `MAINPID=${process.pid}`, ...sign),
    reloading: () => tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: () => tell('STOPPING=1'),
  };
}

/** The watchdog timeout of systemd; undefined when it does not watch this process. */
function watchdogMs({ WATCHDOG_USEC: limit = '', WATCHDOG_PID: pid }: NodeJS.ProcessEnv): number | undefined {
  if (!/^[1-9]\d{3,14}$/.test(limit)) return undefined;
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  return Number(limit) / 1000;
}
