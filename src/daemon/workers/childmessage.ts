// What a worker asks of a program that its parent has started, and what comes of it; bytes in base64.
import { object, oneWordOf, text, whole } from '../../control/shape.ts';

export interface ChildOrder {
  /** commandKey() of its command. */
  readonly program: string;
  /** Of one worker; none is used twice. */
  readonly child: number;
  readonly deed: 'start' | 'input' | 'end';
  readonly bytes: string;
}

export interface ChildNews {
  readonly program: string;
  readonly child: number;
  /** The bytes of `ended` are text: why. */
  readonly event: 'output' | 'errors' | 'ended';
  readonly bytes: string;
}

export const CHILD_ORDER = object<ChildOrder>({
  program: text(65_536),
  child: whole(0),
  deed: oneWordOf(['start', 'input', 'end'] as const),
  bytes: text(65_536),
});
