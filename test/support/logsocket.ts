// A real Unix datagram socket in the place of /dev/log. Node has none, so a python3 child holds it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface LogSocket {
  /** Everything received so far. */
  readonly records: readonly string[];
  /** Resolves with the first record, past or to come, that `isIt` accepts. */
  until(isIt: (record: string) => boolean): Promise<string>;
  /** Lets a reader that was opened with `later` begin. */
  release(): void;
  /** The log daemon dies; its socket stays behind as a file without a listener. */
  close(): Promise<void>;
}

/** A path for a socket in a folder of its own that other accounts may enter. */
export function newSocketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pis5log'));
  chmodSync(folder, 0o755);
  return join(folder, 'log');
}

/** `reads`: when it begins, or how many records it reads in a second at most. */
export async function openLogSocket(path: string, reads: 'now' | 'later' | number): Promise<LogSocket> {
  const child = spawn('python3', [join(import.meta.dirname, 'logsocket.py'), path, String(reads)]);
  const records: string[] = [];
  let changed: () => void = () => undefined;
  const lines = createInterface({ input: child.stdout });
  const ready = once(lines, 'line');
  lines.on('line', (line) => {
    const record = JSON.parse(line) as string;
    if (record !== 'ready') records.push(record);
    changed();
  });
  await ready;
  return {
    records,
    async until(isIt) {
      for (;;) {
        const found = records.find(isIt);
        if (found !== undefined) return found;
        await new Promise<void>((settle) => (changed = settle));
      }
    },
    release: () => void child.stdin.write('\n'),
    async close() {
      const closed = once(child, 'close');
      child.kill();
      await closed;
    },
  };
}
