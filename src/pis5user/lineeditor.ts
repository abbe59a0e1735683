// The keys of a password prompt, without a terminal: bytes in, a line or an interruption out.

/** The line that the bytes typed so far make. */
export type Typed =
  | { readonly kind: 'more' }
  | { readonly kind: 'line'; readonly line: Buffer; readonly rest: Buffer }
  | { readonly kind: 'interrupted' };

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const CTRL_U = 0x15;
const DELETE = 0x7f;

/** Reads keys from the start: Return ends, Backspace takes a character back, Ctrl-U all, Ctrl-C gives up. */
export function readTyped(bytes: Buffer): Typed {
  let line: number[] = [];
  for (const [at, key] of bytes.entries()) {
    if (key === CTRL_C || (key === CTRL_D && line.length === 0)) return { kind: 'interrupted' };
    if (key === RETURN || key === NEWLINE) {
      return { kind: 'line', line: Buffer.from(line), rest: bytes.subarray(at + 1) };
    }
    if (key === BACKSPACE || key === DELETE) line = withoutLastCharacter(line);
    else if (key === CTRL_U) line = [];
    else line.push(key);
  }
  return { kind: 'more' };
}

/** A UTF-8 character goes whole: its continuation bytes are 10xxxxxx. */
function withoutLastCharacter(line: readonly number[]): number[] {
  const start = line.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  return line.slice(0, Math.max(0, start));
}
