// The way out to a syslog server on the network (RFC 3164 over UDP, or over TCP with one line per record), through
// syslog-client 1.1.1, which is imported only when it is wanted. What it needs from us:
// - a listener for 'error', or it ends the process;
// - messages without line ends (record.ts sees to that), or they become several records;
// - facility and severity with each call (0 in its constructor counts as unset), in a fresh object (it writes there);
// - an address instead of a name, so that it does not look one up per record and none after a chroot;
// - a tcpTimeout that never comes: it takes a connection that was idle for that long for a broken one.
import { lookup } from 'node:dns/promises';
import type { Client } from 'syslog-client';
import { MAX_DURATION_MS } from '../../base/units.ts';
import type { SyslogTarget } from '../../config/model/config.ts';
import { FACILITY, severityOf } from '../lines/level.ts';
import type { DroppedLine, Line, Sink, Warn } from '../lines/line.ts';
import { LineQueue } from '../lines/linequeue.ts';
import { Outage } from '../lines/outage.ts';

export type RemoteTarget = Extract<SyslogTarget, { kind: 'remote' }>;

/**
 * Opens the sink; resolves the server's name now, while /etc/resolv.conf is still in reach, and later only if that
 * failed. Never rejects: a server that is away is an outage, reported through `warn`.
 */
export async function openRemoteSyslog(
  target: RemoteTarget,
  tag: string,
  droppedLine: DroppedLine,
  warn: Warn,
): Promise<Sink> {
  const sink = new RemoteSyslog(target, tag, droppedLine, warn);
  await sink.open();
  return sink;
}

class RemoteSyslog implements Sink {
  readonly #target: RemoteTarget;
  readonly #tag: string;
  readonly #warn: Warn;
  readonly #queue: LineQueue;
  readonly #outage = new Outage();
  #client: Client | undefined;
  #state: 'idle' | 'sending' | 'waiting' = 'idle';
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(target: RemoteTarget, tag: string, droppedLine: DroppedLine, warn: Warn) {
    this.#target = target;
    this.#tag = tag;
    this.#warn = warn;
    this.#queue = new LineQueue(droppedLine);
  }

  async open(): Promise<void> {
    try {
      this.#client = await resolveClient(this.#target);
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  write(line: Line): void {
    this.#queue.push(line);
    if (this.#state === 'idle') void this.#pump();
  }

  drained(): Promise<void> {
    return this.#queue.drained();
  }

  close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#client?.close();
    return Promise.resolve();
  }

  /** Sends one line at a time until nothing waits. Never rejects. */
  async #pump(): Promise<void> {
    this.#state = 'sending';
    try {
      for (
        let [line] = this.#queue.front(0);
        line !== undefined && !this.#closed;
        [line] = this.#queue.front(0)
      ) {
        this.#client ??= await resolveClient(this.#target);
        await sendLine(this.#client, `${this.#tag}: ${line.text}`, line);
        this.#queue.remove();
        this.#outage.over();
      }
      this.#state = 'idle';
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #failed(error: Error): void {
    if (this.#closed) return;
    this.#state = 'waiting';
    const { waitMs, isFirst } = this.#outage.failed();
    if (isFirst) this.#warn(remoteAwayWarning(this.#target, error));
    this.#timer = setTimeout(() => void this.#pump(), waitMs).unref();
  }
}

function remoteAwayWarning({ protocol, host, port }: RemoteTarget, error: Error): string {
  const server = host.includes(':') ? `[${host}]` : host;
  return (
    `cannot log to ${protocol}:${server}:${port}: ${error.message}; trying again, and keeping records meanwhile as ` +
    'far as there is room; check that server, or the setting syslog'
  );
}

/** The client connects, and connects again after a failure, by itself. */
async function resolveClient(target: RemoteTarget): Promise<Client> {
  const { createClient, Transport } = await import('syslog-client');
  const { address } = await lookup(target.host);
  const client = createClient(address, {
    port: target.port,
    transport: target.protocol === 'tcp' ? Transport.Tcp : Transport.Udp,
    rfc3164: true,
    tcpTimeout: MAX_DURATION_MS,
  });
  return client.on('error', () => undefined); // the record in question hears of it, or the next one
}

function sendLine(client: Client, message: string, line: Line): Promise<void> {
  return new Promise((settle, fail) => {
    const options = {
      facility: FACILITY,
      severity: severityOf(line.level),
      rfc3164: true,
      timestamp: new Date(line.timeMs),
    };
    client.log(message, options, (error) => (error ? fail(error) : settle()));
  });
}
