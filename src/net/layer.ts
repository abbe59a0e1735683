// Layers between a listener and its clients: a header that names the client, TLS. A listener without any is a plain one.
import type { Deadline } from '../base/deadline.ts';
import type { Endpoint } from '../base/ip.ts';
import type { Leg } from './transport.ts';

export interface Layer {
  readonly name: string;
  /**
   * Gives the leg through which the client is spoken with from then on: another one over `leg`, which owns and closes that, or
   * `leg` itself. Its `remote` is who the client is. Rejects with the fault that the client is turned away for. When `deadline` ends
   * a pending read of `leg` fails; whoever still owns it then need not close it.
   */
  readonly cover: (leg: Leg, deadline: Deadline) => Promise<Leg>;
}

/** An endpoint to listen on, and the layers that its clients pass before they are accepted, the outermost first. */
export interface ListenPlan {
  readonly endpoint: Endpoint;
  readonly layers: readonly Layer[];
}

/** Without a layer. */
export function plainly(endpoint: Endpoint): ListenPlan {
  return { endpoint, layers: [] };
}
