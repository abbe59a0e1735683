// Amounts for people, in a few characters.

const UNITS = ['K', 'M', 'G', 'T', 'P'];

/** `517`, `1.2K`, `34M`: bytes with powers of 1024, at most four characters and a unit. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return String(Math.round(bytes));
  let [amount, unit] = [bytes / 1024, 0];
  while (amount >= 1000 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)}${UNITS[unit] ?? ''}`;
}

/** The memory of a process, which is hidden in a chroot. */
export function formatMemory(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : formatBytes(bytes);
}

/** `8s`, `4m10s`, `3h05m`, `2d07h`. */
export function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h${two(Math.floor(whole / 60) % 60)}m`;
  return `${Math.floor(whole / 86_400)}d${two(Math.floor(whole / 3600) % 24)}h`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
