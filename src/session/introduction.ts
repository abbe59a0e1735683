// What a balancer says of a client that it passes on, by the PROXY protocol.
import type { Endpoint } from '../base/ip.ts';
import type { HeaderExtras } from '../protocol/doors/proxyextras.ts';

export interface Introduction {
  /** The sender of the header, as the kernel says. */
  readonly balancer: Endpoint;
  /** `hidden`: the balancer does not say who the client is, whose address is that of the balancer then. */
  readonly client: 'announced' | 'hidden';
  readonly extras: HeaderExtras;
}

/** Whether nobody knows where the client comes from: nothing makes it local, and no address of its own is held against it. */
export function isHidden({ introduction }: { readonly introduction?: Introduction | undefined }): boolean {
  return introduction?.client === 'hidden';
}
