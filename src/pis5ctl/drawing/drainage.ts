// The words of `pis5ctl drain` for those who wait: how many sessions are left, until when, and how it ended.
import { formatTime } from './amount.ts';

export interface Drainage {
  readonly beganAtMs: number;
  /** When the daemon stops accepting: later than it began where that was announced. */
  readonly stopsAtMs: number;
  /** When it cuts the sessions that are left. */
  readonly cutsAtMs: number;
  /** Sessions when it stopped accepting; before, those of the last look. */
  readonly sessions: number;
  /** Of the last look before sessions are cut. */
  readonly left: number;
}

export function newDrainage(
  beganAtMs: number,
  { announce = 0, seconds, sessions }: { announce?: number | undefined; seconds: number; sessions: number },
): Drainage {
  const stopsAtMs = beganAtMs + announce * 1000;
  return { beganAtMs, stopsAtMs, cutsAtMs: stopsAtMs + seconds * 1000, sessions, left: sessions };
}

/** After another look. */
export function looked(drainage: Drainage, atMs: number, live: number): Drainage {
  if (atMs >= drainage.cutsAtMs) return drainage;
  const isOpen = atMs < drainage.stopsAtMs;
  return { ...drainage, left: live, sessions: isOpen ? live : Math.max(live, drainage.sessions) };
}

/** `clock` writes a time of day. */
export function progressOf(
  { stopsAtMs, cutsAtMs, sessions, left }: Drainage,
  atMs: number,
  clock: (ms: number) => string,
): string {
  if (atMs < stopsAtMs)
    return `serves until ${clock(stopsAtMs)} (${formatTime(secondsFrom(atMs, stopsAtMs))} more): ${left} sessions`;
  if (atMs >= cutsAtMs) return `draining: cuts the last ${left} of ${sessions} sessions`;
  return (
    `draining: ${left} of ${sessions} sessions left, cut at ${clock(cutsAtMs)} ` +
    `(in ${formatTime(secondsFrom(atMs, cutsAtMs))})`
  );
}

/** The daemon has gone. */
export function endOf({ beganAtMs, cutsAtMs, sessions, left }: Drainage, atMs: number): string {
  const took = formatTime((atMs - beganAtMs) / 1000);
  const cut = atMs < cutsAtMs ? 0 : left;
  return `stopped after ${took}: ${sessions - cut} of ${sessions} sessions ended, ${cut} were cut`;
}

function secondsFrom(atMs: number, untilMs: number): number {
  return Math.ceil((untilMs - atMs) / 1000);
}
