// Parts of rules: sources and destinations of requests, and further conditions. docs/rules.md describes the language.
import type { Cidr } from '../../base/ip.ts';
import type { Origin } from './origin.ts';

/** Ports from `low` to `high`, both included. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

/** One item of a `network` list: `[!]ADDRESS[/BITS]` or `*`. */
export interface NetworkRule {
  readonly verdict: 'allow' | 'deny';
  /** undefined: every address of both families. */
  readonly cidr: Cidr | undefined;
  readonly origin: Origin;
  /** As written, for logs. */
  readonly text: string;
}

export type RequestCommand = 'connect' | 'bind' | 'assoc' | 'resolve' | 'all';

/** The destination in a rule. */
export type Place =
  | { readonly kind: 'any' }
  | { readonly kind: 'addresses'; readonly span: AddressSpan }
  /** Lower case, no trailing dot. */
  | { readonly kind: 'name'; readonly name: string }
  /** `.example.org`: that name and every name below it. */
  | { readonly kind: 'suffix'; readonly suffix: string };

/** All addresses of one family from `low` to `high`, both included: 4 or 16 bytes each. */
export interface AddressSpan {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
  /** Limits the span to clients in one zone (base/zoned.ts); absent: any zone or none. */
  readonly zone?: string | undefined;
}

/** A word that a rule compares: with `end` every word that begins with `start` and ends with `end`. */
export interface WordPattern {
  readonly start: string;
  readonly end: string | undefined;
}

/** A part of the week in local time; past midnight where `to` is not after `from`. */
export interface TimeSpan {
  /** Days on which the span begins, 0 for Sunday to 6. */
  readonly days: ReadonlySet<number>;
  /** Minutes since midnight, `from` included and `to` not. */
  readonly from: number;
  readonly to: number;
}

/** Further conditions of a rule: one pattern of each list must match; an empty list always does. */
export interface Conditions {
  readonly user: readonly WordPattern[];
  readonly group: readonly WordPattern[];
  readonly userid: readonly WordPattern[];
  readonly client: readonly AddressSpan[];
  readonly time: readonly TimeSpan[];
}

/** One item of a `request` list: `[!]COMMAND:DESTINATION[:PORTS] [CONDITION]...`. */
export interface RequestRule {
  readonly verdict: 'allow' | 'deny';
  readonly command: RequestCommand;
  readonly place: Place;
  /** undefined: every port. */
  readonly ports: PortRange | undefined;
  readonly conditions: Conditions;
  readonly origin: Origin;
  /** As written, for logs. */
  readonly text: string;
}
