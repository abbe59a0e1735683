// The outcome of a command: the reply to the client, and the activity that begins then. serve() does both.
import type { Endpoint } from '../base/ip.ts';
import type { Leg } from '../net/transport.ts';
import type { Activity } from './activity.ts';
import type { Bound } from './dialect.ts';

export type Outcome =
  /** The other side is connected. `told`: BND of the reply; undefined when unknown. */
  | {
      readonly kind: 'connected';
      readonly told: Endpoint | undefined;
      /** This end of the connection to the other side. */
      readonly bound: Endpoint;
      readonly target: Leg;
    }
  /** This host listens for datagrams at `told`. */
  | { readonly kind: 'listening'; readonly told: Endpoint; readonly begin: () => Activity }
  /** The other side is connected, and the client hears of it by what comes from there. `bound` as above. */
  | { readonly kind: 'exchange'; readonly bound: Endpoint; readonly begin: () => Activity }
  /** The client wanted to have something, and these bytes are all of it. */
  | { readonly kind: 'served'; readonly bytes: Uint8Array }
  /** The client wanted to know something, and the reply is all of it. */
  | { readonly kind: 'answer'; readonly told: Bound };
