// An honest client that comes again and again: whatever the others do, it is served.
import { randomBytes } from 'node:crypto';
import { ipToBytes } from '../../src/base/ip.ts';
import { dialWire } from '../support/sockets.ts';
import { enter } from '../support/socks.ts';
import type { House } from './house.ts';
import { onceThereIsRoom } from './machine.ts';
import { HERE } from './places.ts';

const EVERY_MS = 200;
/** All clients and servers share one thread with many others on this machine: this is about waiting for ever. */
const LIMIT_MS = 10_000;

export interface Control {
  stop(): Promise<void>;
}

/** Calls `onServed` with the time that each visit took, `onFailed` once with what went wrong. */
export function startControl(
  house: House,
  onServed: (milliseconds: number) => void,
  onFailed: (why: string) => void,
): Control {
  const stopping = new AbortController();
  const done = visitUntil(house, stopping.signal, onServed).catch((error: unknown) =>
    onFailed(String(error)),
  );
  return {
    stop: () => {
      stopping.abort();
      return done;
    },
  };
}

async function visitUntil(
  house: House,
  stopping: AbortSignal,
  onServed: (milliseconds: number) => void,
): Promise<void> {
  while (!stopping.aborted) {
    const start = performance.now();
    await within(LIMIT_MS, visit(house));
    onServed(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** CONNECT to the echo server, and back come the same bytes; rejects where they do not. */
export async function visit({ port, ports }: House): Promise<void> {
  const wire = await onceThereIsRoom(() => dialWire(port));
  try {
    await enter(wire);
    wire.send(Uint8Array.of(5, 1, 0, 1, ...ipToBytes(HERE), ports.echo >> 8, ports.echo & 0xff));
    const rep = (await wire.take(10))[1];
    if (rep !== 0) throw new Error(`REP ${rep ?? -1}`);
    const token = randomBytes(64);
    wire.send(token);
    if (!(await wire.take(token.length)).equals(token)) throw new Error('other bytes came back');
    wire.socket.end();
    await wire.rest();
  } finally {
    wire.socket.destroy();
  }
}

/** Rejects when `work` takes longer than `limitMs`. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing after ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
