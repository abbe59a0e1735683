// The activity of a session, from the reply to its end.
import type { Fault } from '../base/fault.ts';
import type { EndedBy, Relay, RelayEnd } from '../net/transport.ts';

/** A relay of the transport, a UDP association, or nothing at all. */
export interface Activity extends Omit<Relay, 'whenEnded'> {
  /** As Relay.whenEnded(). */
  whenEnded(listener: (end: ActivityEnd) => void): void;
}

export interface ActivityEnd extends Omit<RelayEnd, 'endedBy'> {
  /** `answered`: the reply was all that the client wanted. */
  readonly endedBy: EndedBy | 'answered';
  /** Datagrams that were passed on; undefined: no UDP. */
  readonly datagrams?: Readonly<Record<'up' | 'down', number>> | undefined;
  /** Datagrams that were not passed on, by reason; undefined: none, or no UDP. */
  readonly dropped?: Readonly<Record<string, number>> | undefined;
  /** Why there was no way out for datagrams, the last time; undefined: there was, or no UDP. */
  readonly fault?: Fault | undefined;
}
