// The part of syslog-client 1.1.1 that remotesyslog.ts uses; the package has no types of its own.
declare module 'syslog-client' {
  import type { EventEmitter } from 'node:events';

  export const Transport: { readonly Tcp: 1; readonly Udp: 2 };

  export interface LogOptions {
    facility: number;
    severity: number;
    rfc3164: boolean;
    timestamp: Date;
  }

  export class Client extends EventEmitter {
    /** Calls back once; `error` when the message could not be sent. Writes into `options`. */
    log(message: string, options: LogOptions, callback: (error?: Error) => void): this;
    close(): this;
  }

  export function createClient(
    target: string,
    options: { port: number; transport: 1 | 2; rfc3164: boolean; tcpTimeout: number },
  ): Client;
}
