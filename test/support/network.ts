// Two hosts on one cable: network namespaces of their own, with addresses that this machine does not have. Root only.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { mustRun } from './commands.ts';

export interface Network {
  /** Commands that run the one behind them on that host. */
  readonly proxyHost: readonly string[];
  readonly clientHost: readonly string[];
}

/** Each pair of `addresses` is put on the proxy's and the client's end; all goes away with the test. */
export async function cableNetwork(
  t: ExecutionContext,
  addresses: readonly (readonly [proxy: string, client: string])[],
): Promise<Network> {
  const hosts = [await startHost(t), await startHost(t)] as const;
  const [proxy, client] = hosts.map((pid) => ['nsenter', `--net=/proc/${pid}/ns/net`]);
  await mustRun([...proxy!, ...words(`ip link add cable type veth peer cable netns ${hosts[1]}`)]);
  for (const [end, host] of [proxy!, client!].entries()) {
    for (const pair of addresses)
      await mustRun([...host, ...words(`ip address add ${pair[end]!} dev cable`)]);
    for (const link of ['lo', 'cable']) await mustRun([...host, ...words(`ip link set ${link} up`)]);
  }
  return { proxyHost: proxy!, clientHost: client! };
}

/** A process that holds a namespace without a name: it ends with its stdin, so that even a killed test leaves nothing. */
async function startHost(t: ExecutionContext): Promise<number> {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec cat >&2'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.teardown(() => holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  return holder.pid!;
}

function words(command: string): string[] {
  return command.split(' ');
}
