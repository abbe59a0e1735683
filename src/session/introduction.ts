// The facts about a client that a balancer passes on by the PROXY protocol.
import type { Endpoint } from '../base/ip.ts';
import type { HeaderExtras } from '../protocol/doors/proxyextras.ts';

export interface Introduction {
  /** The sender of the header, as the kernel says. */
  readonly balancer: Endpoint;
  /** `hidden`: the balancer does not say who the client is, whose address is that of the balancer then. */
  readonly client: 'announced' | 'hidden';
  readonly extras: HeaderExtras;
}

/** Whether the client's own address is unknown: it never counts as local, and no count by its address is held against it. */
export function isHidden({ introduction }: { readonly introduction?: Introduction | undefined }): boolean {
  return introduction?.client === 'hidden';
}
