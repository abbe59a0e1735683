// The seam between the queue for the local system log and whatever carries single records there.

/** sent: the sender has taken it. full: not now. gone: no process listens at the moment. */
export type Sent = 'sent' | 'full' | 'gone';

/** Carries records to the local system log. send() never waits and never throws. */
export interface SyslogSender {
  /** `priority` is PRI (RFC 3164 section 4.1.1); `text` one line without the header. */
  send(priority: number, text: string, timeMs: number): Sent;
  /** Settles when everything taken has been delivered. Never rejects. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** A non-blocking AF_UNIX datagram socket that connects, and connects again, by itself. */
export interface LogSocket {
  send(bytes: Uint8Array): Sent;
  close(): void;
}

/** The sentence for the operator when the log daemon is away. */
export function awayWarning(path: string, why: string): string {
  return (
    `cannot write to the system log at ${path}: ${why}; trying again, and keeping records meanwhile as far as there ` +
    'is room; start the log daemon, or set syslog or logmode to log elsewhere'
  );
}
