// Amounts as operators write them: times such as `15`, `15s`, `500ms`, `5m`, and sizes such as `64K`, `1M`.

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Longest duration that a timer can hold: 2^31 - 1 ms, about 24.8 days. */
export const MAX_DURATION_MS = 2_147_483_647;

/**
 * Reads `NUMBER[ms|s|m|h|d]` (no unit: seconds; fractions allowed) as whole milliseconds, rounded; undefined also
 * where it is over MAX_DURATION_MS, or rounds to 0 without being 0, which would switch a limit off by accident.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,10}(?:\.\d{1,6})?)(ms|s|m|h|d)?$/.exec(text);
  if (match?.[1] === undefined) return undefined;
  const unit = (match[2] ?? 's') as keyof typeof MILLISECONDS;
  const amount = Number(match[1]) * MILLISECONDS[unit];
  const milliseconds = Math.round(amount);
  if (milliseconds > MAX_DURATION_MS || (milliseconds === 0 && amount > 0)) return undefined;
  return milliseconds;
}

/** The shortest exact form that parseDuration() reads back: `15m`, `1500ms`, `0`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (milliseconds % MILLISECONDS[unit] === 0) return `${milliseconds / MILLISECONDS[unit]}${unit}`;
  }
  return `${milliseconds}ms`;
}

const BYTES = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 } as const;

/** Reads `NUMBER[K|M|G|T]` as bytes, with powers of 1024 (`KiB` and `KB` are read too); undefined for anything else. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,10})(?:([KMGT])(?:i?B)?)?$/i.exec(text);
  if (match?.[1] === undefined) return undefined;
  const unit = match[2]?.toUpperCase() as keyof typeof BYTES | undefined;
  const bytes = Number(match[1]) * (unit === undefined ? 1 : BYTES[unit]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact form that parseSize() reads back: `1M`, `1500`, `0`. */
export function formatSize(bytes: number): string {
  for (const unit of ['T', 'G', 'M', 'K'] as const) {
    if (bytes > 0 && bytes % BYTES[unit] === 0) return `${bytes / BYTES[unit]}${unit}`;
  }
  return String(bytes);
}
