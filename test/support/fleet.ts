// Members of a fleet for the tests: daemons of one process on one store.
import type { ExecutionContext } from 'ava';
import { steeredDaemon, type Steered } from './pis5ctl.ts';
import { connectThrough } from './socks.ts';
import type { Store } from './store.ts';
import { statusOf, until } from './workers.ts';

export function member(
  t: ExecutionContext,
  store: Store,
  name: string,
  args: readonly string[] = [],
): Promise<Steered> {
  const fleet = ['--fleet', 'blue', '--fleet-name', name, '--fleet-store', store.url];
  return steeredDaemon(t, [...fleet, '-v', 'debug', ...args]);
}

async function membersOf(steered: Steered): Promise<readonly string[]> {
  const { fleet } = await statusOf(steered);
  return fleet?.state === 'joined' ? fleet.members : [];
}

/** All know of each other. */
export async function gather(all: readonly Steered[]): Promise<void> {
  await until(async () => {
    const lists = await Promise.all(all.map(membersOf));
    return lists.every(({ length }) => length === all.length);
  });
}

export async function two(
  t: ExecutionContext,
  store: Store,
  args: readonly string[] = [],
): Promise<[Steered, Steered]> {
  const all = await Promise.all([member(t, store, 'm1', args), member(t, store, 'm2', args)]);
  await gather(all);
  return all;
}

export async function three(
  t: ExecutionContext,
  store: Store,
  args: readonly string[] = [],
): Promise<readonly Steered[]> {
  const all = await Promise.all(['m1', 'm2', 'm3'].map((name) => member(t, store, name, args)));
  await gather(all);
  return all;
}

/** Whether a client is let in; it leaves at once. */
export async function letsIn({ daemon }: Steered, echo: number, from?: string): Promise<boolean> {
  const wire = await connectThrough(daemon.port, echo, undefined, from).catch(() => undefined);
  wire?.socket.destroy();
  return wire !== undefined;
}

export async function closesOut(steered: Steered, echo: number, from?: string): Promise<void> {
  await until(async () => !(await letsIn(steered, echo, from)));
}
