// Settings that are one of a few words, some with a number or a place.
import type { Endpoint } from '../../base/ip.ts';

/** The action of a reload on live sessions that the new rules would refuse; `drain` gives them some time first. */
export type Recheck =
  | { readonly kind: 'keep' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'drain'; readonly milliseconds: number };

export type MethodOrder = 'server' | 'client';

/** Protection of messages after a login with a ticket: none, what a client asks for and can do, or at least that much. */
export type GssapiProtection = 'none' | 'offer' | 'integrity' | 'confidentiality';
export type LogLevel = 'none' | 'err' | 'warn' | 'notice' | 'info' | 'debug';
export type LogMode = 'syslog' | 'stderr' | 'combined';
export type LogFormat = 'text' | 'json';

/** The destination of syslog records. */
export type SyslogTarget =
  | { readonly kind: 'local'; readonly path: string }
  | {
      readonly kind: 'remote';
      readonly protocol: 'udp' | 'tcp';
      readonly host: string;
      readonly port: number;
    };

/** The resolver for look-ups: our own with the system's servers, getaddrinfo, or our own with these servers. */
export type ResolverChoice =
  | { readonly kind: 'builtin' }
  | { readonly kind: 'system' }
  | { readonly kind: 'servers'; readonly servers: readonly Endpoint[] };

/** The family of addresses that are dialled, or which one is tried first; `any`: as `prefer-6`. */
export type FamilyChoice = 'any' | '4' | '6' | 'prefer-4' | 'prefer-6';

/** The transport that moves the bytes; `auto`: the engine if it loads. */
export type TransportChoice = 'auto' | 'engine' | 'streams';

/** Whether the daemon confines itself after its start; `auto`: as far as the system can. */
export type ConfineChoice = 'auto' | 'yes' | 'no';
