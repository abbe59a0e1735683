// Layers between a listener and its clients: a header that names the client, TLS. A listener without any is a plain one.
import type { Deadline } from '../base/deadline.ts';
import { formatEndpoint, type Cidr, type Endpoint } from '../base/ip.ts';
import type { SocketOwner } from './socketfile.ts';
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

/** The layers that clients of a listener pass before they are accepted, the outermost first. */
export interface Layered {
  /** Read anew for each client. */
  readonly layers: readonly Layer[];
  /** Whose connections to this listener begin with a header of the PROXY protocol; absent: those of all listeners. */
  readonly balancers?: readonly Cidr[] | undefined;
}

/** An endpoint to listen on. */
export interface EndpointPlan extends Layered {
  readonly endpoint: Endpoint;
}

/** A Unix socket to make and to listen on. */
export interface PathPlan extends Layered {
  readonly path: string;
  /** Of its file: who may connect. */
  readonly mode: number;
  /** Of its file; undefined: as the system has it. */
  readonly owner: SocketOwner | undefined;
}

export type ListenPlan = EndpointPlan | PathPlan;

/** Without a layer. */
export function plainly(endpoint: Endpoint): EndpointPlan {
  return { endpoint, layers: [] };
}

/** What is listened on, as text: `ADDRESS:PORT` or `unix:PATH`. */
export function formatPlace(plan: Pick<EndpointPlan, 'endpoint'> | Pick<PathPlan, 'path'>): string {
  return 'path' in plan ? `unix:${plan.path}` : formatEndpoint(plan.endpoint);
}
