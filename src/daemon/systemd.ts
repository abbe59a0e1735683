// What systemd is told, where it asks (sd_notify(3)): the unit may then be of Type=notify.
import type { Addon } from '../net/addon.ts';
import { datagramSocket } from '../net/datagram.ts';

/** Sends states such as `READY=1`; does nothing where no supervisor listens. */
export type Notify = (state: string) => void;

/**
 * The way to the supervisor that NOTIFY_SOCKET names; `warn` hears where that cannot be a socket. Call it before a
 * chroot, which may hide it. Needs the native addon: Node.js has no Unix datagrams.
 */
export function openNotify(
  addon: Addon | undefined,
  warn: (sentence: string) => void,
  path = process.env['NOTIFY_SOCKET'],
): Notify {
  if (path === undefined || path === '' || addon === undefined) return () => undefined;
  try {
    const socket = datagramSocket(addon, path);
    return (state) => void socket.send(Buffer.from(state));
  } catch (error) {
    warn(`NOTIFY_SOCKET is no usable socket, so no supervisor is told: ${(error as Error).message}`);
    return () => undefined;
  }
}
