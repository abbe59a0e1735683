// Local time as people read it in a log.

/** `2026-01-31T23:59:59.123+01:00` (ISO 8601) of a moment in milliseconds since 1970. */
export function formatLocalTime(timeMs: number): string {
  const offset = -new Date(timeMs).getTimezoneOffset();
  const wall = new Date(timeMs + offset * 60_000).toISOString().slice(0, -1);
  const minutes = Math.abs(offset);
  const zone = `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
  return `${wall}${offset < 0 ? '-' : '+'}${zone}`;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
