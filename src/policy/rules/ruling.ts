// The answer of the rules. Answers are made once for each rule, not for each question.
import type { FaultCode } from '../../base/fault.ts';

/** `rule` says for the log which rule decided and where it stands; undefined where no rule did. */
export type Ruling = { readonly verdict: 'allow'; readonly rule: string | undefined } | Denial;

export interface Denial {
  readonly verdict: 'deny';
  readonly code: FaultCode;
  readonly rule: string | undefined;
}

export const ALLOW: Ruling = { verdict: 'allow', rule: undefined };
export const GUARD_DENIED: Ruling = deny('GUARD_DENIED');

export function deny(code: FaultCode, rule?: string): Ruling {
  return { verdict: 'deny', code, rule };
}
