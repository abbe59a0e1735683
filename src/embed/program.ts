// The functions of a program as what sessions ask.
import type { Routing } from '../net/routes/travel.ts';
import type { Program } from '../session/session.ts';
import type { Decide, Dial, Resolve } from './callbacks.ts';
import type { Calls } from './calls.ts';
import { decideRequest, Permits } from './decide.ts';
import { Detours } from './detours.ts';
import { dialledBy } from './dial.ts';
import { resolvedBy } from './resolve.ts';

export interface Functions {
  readonly decide?: Decide | undefined;
  readonly dial?: Dial | undefined;
  readonly resolve?: Resolve | undefined;
}

/** undefined when there is no callback to ask. `atProxies`: for the proxies that decisions name. */
export function programOf(
  { decide, dial, resolve }: Functions,
  calls: Calls,
  atProxies: Pick<Routing, 'credentials' | 'trust' | 'isSelf'>,
): Program | undefined {
  if (decide === undefined && dial === undefined && resolve === undefined) return undefined;
  const surroundingsOf: Program['surroundingsOf'] = ({ session, snapshot }, shared) => {
    const { transport, resolver } = shared;
    const { connectTimeoutMs: timeoutMs } = snapshot;
    return {
      ...shared,
      transport: dial === undefined ? transport : dialledBy(dial, calls, session, transport),
      resolver:
        resolve === undefined ? resolver : resolvedBy({ resolve, calls, session, timeoutMs }, resolver),
    };
  };
  if (decide === undefined)
    return { decide: (_, destination) => Promise.resolve(destination), surroundingsOf };
  const detours = new Detours(atProxies);
  const permits = new Permits({ decide, calls });
  return {
    decide: (handshake, destination) => decideRequest({ decide, calls, detours }, handshake, destination),
    permit: (handshake, destination) => permits.permit(handshake, destination),
    surroundingsOf,
  };
}
