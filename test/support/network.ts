// Two hosts on one cable: network namespaces of their own, with addresses that this machine does not have. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mustRun } from './commands.ts';
import type { Scope } from './scope.ts';

export interface Network {
  /** Commands that run the one behind them on that host. */
  readonly proxyHost: readonly string[];
  readonly clientHost: readonly string[];
}

/** Addresses with their prefix lengths, of both ends of a cable. */
export type Ends = readonly (readonly [proxy: string, other: string])[];

/** Each pair of `addresses` is put on the proxy's and the client's end; all goes away with the test. */
export async function cableNetwork(t: Scope, addresses: Ends): Promise<Network> {
  const proxyHost = within(await startHost(t));
  await mustRun([...proxyHost, ...words('ip link set lo up')]);
  return { proxyHost, clientHost: await plugHost(t, proxyHost, 'cable', addresses) };
}

/** One more host: `name` is the proxy's end of the cable to it. */
export async function plugHost(
  t: Scope,
  proxyHost: readonly string[],
  name: string,
  addresses: Ends,
): Promise<readonly string[]> {
  const pid = await startHost(t);
  const other = within(pid);
  await mustRun([...proxyHost, ...words(`ip link add ${name} type veth peer cable netns ${pid}`)]);
  for (const [end, [host, link]] of [[proxyHost, name] as const, [other, 'cable'] as const].entries()) {
    for (const pair of addresses)
      await mustRun([...host, ...words(`ip address add ${pair[end]!} dev ${link}`)]);
    await mustRun([...host, ...words(`ip link set ${link} up`)]);
  }
  await mustRun([...other, ...words('ip link set lo up')]);
  return other;
}

function within(pid: number): readonly string[] {
  return ['nsenter', `--net=/proc/${pid}/ns/net`];
}

/** A process that holds a namespace without a name: it ends with its stdin, so that even a killed test leaves nothing. */
async function startHost(t: Scope): Promise<number> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat >&2'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.teardown(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  return holder.pid!;
}

function words(command: string): string[] {
  return command.split(' ');
}
