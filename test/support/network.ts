// Two hosts on one cable: network namespaces of their own, with addresses that this machine does not have. Root only.
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
  const [proxy, client] = [`ps5p${process.pid}`, `ps5c${process.pid}`];
  for (const name of [proxy, client]) {
    await mustRun(['ip', 'netns', 'add', name]);
    t.teardown(() => mustRun(['ip', 'netns', 'del', name]));
  }
  await mustRun([
    'ip',
    '-n',
    proxy,
    'link',
    'add',
    'cable',
    'type',
    'veth',
    'peer',
    'cable',
    'netns',
    client,
  ]);
  for (const [at, name] of [proxy, client].entries()) {
    for (const pair of addresses) {
      await mustRun(['ip', '-n', name, 'address', 'add', pair[at]!, 'dev', 'cable']);
    }
    for (const link of ['lo', 'cable']) await mustRun(['ip', '-n', name, 'link', 'set', link, 'up']);
  }
  const on = (name: string): readonly string[] => ['ip', 'netns', 'exec', name];
  return { proxyHost: on(proxy), clientHost: on(client) };
}
