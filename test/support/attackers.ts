// Clients that mean no good, from addresses of their own: 127.0.0.0/8 has enough for all of them.
import type { ExecutionContext } from 'ava';
import { dialWire, type Wire } from './sockets.ts';

/** Connects to `port` from `source`; torn down with the test. */
export async function dialFrom(t: ExecutionContext, source: string, port: number): Promise<Wire> {
  const wire = await dialWire(port, '127.0.0.1', source);
  t.teardown(() => wire.socket.destroy());
  return wire;
}

/** Runs `attack` for 0 to `count` - 1, `atOnce` of them at a time. */
export async function hammer(
  count: number,
  atOnce: number,
  attack: (id: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) await attack(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

/** 'let in', or what was said against it. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'let in';
  } catch (error) {
    return (error as Error).message;
  }
}

/** Counts how often each text came. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }

  count(text: string): number {
    return this.#counts.get(text) ?? 0;
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
