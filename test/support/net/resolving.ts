// Resolvers with a name server of the test.
import type { ExecutionContext } from 'ava';
import { Fault } from '../../../src/base/fault.ts';
import type { Answer, NameAnswer } from '../../../src/net/dns/namesource.ts';
import { createResolver, type NameLookup } from '../../../src/net/names/resolve.ts';
import { startDnsServer, type DnsRecord } from '../dns.ts';
import { ip } from '../ip.ts';

export const CLIENT = ip('192.0.2.100');

export async function rig(
  t: ExecutionContext,
  table: Record<string, DnsRecord>,
  settings: Parameters<typeof createResolver>[1] = {},
) {
  const server = await startDnsServer(table);
  const choice = { kind: 'servers', servers: [server.endpoint] } as const;
  const resolver = createResolver(choice, { hostsPath: '/nonexistent', ...settings });
  t.teardown(() => {
    resolver.close();
    server.close();
  });
  return { resolver, queries: server.queries };
}

export async function settle(lookup: NameLookup): Promise<readonly [unknown, unknown]> {
  return [plain(await lookup.ipv6), plain(await lookup.ipv4)];
}

function plain(answer: Answer): unknown {
  return answer instanceof Fault ? answer.code : answer;
}

export function plainName(answer: NameAnswer): string {
  return answer instanceof Fault ? answer.code : answer;
}
