// Layers between a listener and its clients: a header that names the client, TLS. A listener without any is a plain one.
import type { Deadline } from '../base/deadline.ts';
import { formatEndpoint, type Cidr, type Endpoint } from '../base/ip.ts';
import type { SocketOwner } from './socketfile.ts';
import type { Leg } from './transport.ts';

export interface Layer {
  readonly name: string;
  /**
   * Returns the leg for the rest of the session: `leg` itself, or another one over it, which then owns and closes it. Its
   * `remote` is the client. Rejects with the fault for which the client is turned away. When `deadline` ends, a pending
   * read of `leg` fails, and its owner need not close it.
   */
  readonly cover: (leg: Leg, deadline: Deadline) => Promise<Leg>;
}

/** The layers that clients of a listener pass before they are accepted, the outermost first. */
export interface Layered {
  /** Read anew for each client. */
  readonly layers: readonly Layer[];
  /** Balancers, whose connections begin with a header of the PROXY protocol; absent: those of all listeners. */
  readonly balancers?: readonly Cidr[] | undefined;
}

/** An endpoint to listen on. */
export interface EndpointPlan extends Layered {
  readonly endpoint: Endpoint;
}

/** A Unix socket to make and to listen on. */
export interface PathPlan extends Layered {
  readonly path: string;
  /** Mode of the file: who may connect. */
  readonly mode: number;
  /** Owner of the file; undefined: the account that makes it. */
  readonly owner: SocketOwner | undefined;
}

export type ListenPlan = EndpointPlan | PathPlan;

/** Without a layer. */
export function plainly(endpoint: Endpoint): EndpointPlan {
  return { endpoint, layers: [] };
}

/** A place to listen at as text: `ADDRESS:PORT` or `unix:PATH`. */
export function formatPlace(plan: Pick<EndpointPlan, 'endpoint'> | Pick<PathPlan, 'path'>): string {
  return 'path' in plan ? `unix:${plan.path}` : formatEndpoint(plan.endpoint);
}
