// Children of this process itself, for the starter and for tests.
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Child, ChildEvents, Children } from './place.ts';

/** The whole environment of a child. */
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

export interface LocalChildren extends Children {
  /** Stops reading what they say, and goes on. */
  readonly pause: () => void;
  readonly resume: () => void;
}

interface LocalChild extends Child {
  readonly streams: readonly Readable[];
}

/** Children that all run `command`, which is no text for a shell. */
export function localChildren(command: readonly string[]): LocalChildren {
  const alive = new Set<LocalChild>();
  const streams = (): readonly Readable[] => [...alive].flatMap((child) => child.streams);
  return {
    start: (events) => {
      const child: LocalChild = startChild(command, {
        ...events,
        ended: (why) => {
          alive.delete(child);
          events.ended(why);
        },
      });
      alive.add(child);
      return child;
    },
    close: () => {
      for (const child of alive) child.kill();
    },
    pause: () => {
      for (const each of streams()) each.pause();
    },
    resume: () => {
      for (const each of streams()) each.resume();
    },
  };
}

function startChild([file = '', ...argv]: readonly string[], events: ChildEvents): LocalChild {
  const child = spawn(file, argv, { cwd: '/', env: ENVIRONMENT, stdio: 'pipe' });
  const { stdin, stdout, stderr } = child;
  let isOver = false;
  const end = (why: string): void => {
    if (isOver) return;
    isOver = true;
    events.ended(why);
  };
  // A child that has closed its standard input ends or stays silent; both are noticed elsewhere.
  stdin.on('error', () => undefined);
  stdout.on('data', events.output).on('error', () => undefined);
  stderr.on('data', events.errors).on('error', () => undefined);
  child.on('error', (error) => end(`cannot be started (${error.message})`));
  // Not `exit`: its last output is still to be read.
  child.on('close', (code, signal) =>
    end(signal === null ? `ended with status ${code ?? 'unknown'}` : `was ended by ${signal}`),
  );
  return {
    streams: [stdout, stderr],
    write: (bytes) => void stdin.write(bytes),
    kill: () => {
      child.kill('SIGKILL');
      // Its own children may hold these open for ever.
      stdout.destroy();
      stderr.destroy();
    },
  };
}
