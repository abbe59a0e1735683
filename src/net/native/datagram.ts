// Unix datagrams through the addon, for /dev/log and NOTIFY_SOCKET. Node has no such sockets.
import type { Addon } from './addon.ts';

/**
 * `full`: the reader is slow and the record is lost; `gone`: there is no reader at present, the next send tries
 * again.
 */
export type DatagramResult = 'sent' | 'full' | 'gone';

export interface DatagramSocket {
  /** Sends one record without ever waiting. */
  send(bytes: Uint8Array): DatagramResult;
  close(): void;
}

const RESULTS = ['sent', 'full', 'gone'] as const;

/** A socket for `path` (`@name`: an abstract name), which may have no reader yet. Throws if the path is unusable. */
export function datagramSocket(addon: Addon, path: string): DatagramSocket {
  const socket = new addon.DatagramSocket(path);
  return {
    send: (bytes) => RESULTS[socket.send(bytes)],
    close: () => socket.close(),
  };
}
