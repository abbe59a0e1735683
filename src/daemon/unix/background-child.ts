// Going to the background, the side of the process that stays: it reports to its launcher until it is ready.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ExitStatus } from './exit.ts';

/** Messages of the process in the background over IPC; `ready` or `failed` is the last. */
export type ChildMessage =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string; readonly status: ExitStatus };

/** The connection of a process in the background to its launcher at the terminal. */
export interface BackgroundChild {
  /** The folder of the launcher, where relative paths of the command line start; this process is in `/`. */
  readonly folder: string;
  /** Writes to the stderr of the launcher, exactly as given; for warnings before ready(). */
  print(text: string): void;
  /** The launcher may exit 0. */
  ready(): void;
  /** The launcher fails with this StartFailure; the caller then ends this process. */
  failed(message: string, status: ExitStatus): void;
}

/** The module that daemonize2 loads first, built or as source. */
export const FIRST_MODULE = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? 'background.cts' : 'background.cjs', import.meta.url),
);

/** The way to the launcher when this process was started by launchInBackground(), else undefined. Call it once. */
export function backgroundChild(): BackgroundChild | undefined {
  if (process.argv[1] !== FIRST_MODULE || !process.connected) return undefined;
  // The launcher was interrupted: this start must fail, because its success could not be reported.
  const abandon = (): void => void process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', abandon);
  const conclude = (word: ChildMessage): void => {
    process.off('disconnect', abandon);
    say(word, () => {
      if (process.connected) process.disconnect();
    });
  };
  const { folder } = createRequire(import.meta.url)(FIRST_MODULE) as { readonly folder: string };
  return {
    folder,
    print: (text) => say({ kind: 'print', text }),
    ready: () => conclude({ kind: 'ready' }),
    failed: (message, status) => conclude({ kind: 'failed', message, status }),
  };
}

/** Sends the word if the launcher still listens. A short message is in the kernel when this returns. */
function say(word: ChildMessage, onSent?: () => void): void {
  // With a callback a failed write is reported there, and not thrown as an 'error' event.
  if (process.connected) process.send?.(word, undefined, undefined, () => onSent?.());
}
