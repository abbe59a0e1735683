// Source addresses that this host does not have: connections from there would fail one by one.
import { familyOf, ipFromBytes, isUnspecified, type Cidr, type Ip } from '../../base/ip.ts';
import type { Config, Problem, SourcePlan } from '../../config/model/config.ts';
import { formatBlock, isOneAddress } from '../../config/routes/source.ts';
import { warning } from '../../config/values/problem.ts';

/** A warning for each address of a pool that is not here, and for each block; none with `freebind`, which asks for that. */
export function checkSources(
  { rules, sections, routes, freeBind }: Pick<Config, 'rules' | 'sections' | 'routes' | 'freeBind'>,
  hostAddresses: ReadonlySet<Ip>,
): readonly Problem[] {
  if (freeBind) return [];
  return [rules, ...sections.values(), ...routes].flatMap(({ source }) =>
    source === undefined ? [] : checkPlan(source, hostAddresses),
  );
}

function checkPlan({ pool, origin }: SourcePlan, hostAddresses: ReadonlySet<Ip>): readonly Problem[] {
  if (pool.kind === 'client') return [];
  return pool.blocks.flatMap((block) => {
    const why = whyAbsent(block, hostAddresses);
    return why === undefined ? [] : [warning(origin, `source ${formatBlock(block)}: ${why}`)];
  });
}

function whyAbsent(block: Cidr, hostAddresses: ReadonlySet<Ip>): string | undefined {
  if (!isOneAddress(block)) {
    return 'a block needs freebind = yes, unless this host has every address of it; see docs/ways-out.md';
  }
  const ip = ipFromBytes(block.base);
  const isHere = hostAddresses.has(ip) || isUnspecified(ip) || (familyOf(ip) === 4 && ip.startsWith('127.'));
  return isHere
    ? undefined
    : 'this host does not have the address now, and connections from there will fail; add it, or set freebind = yes';
}
