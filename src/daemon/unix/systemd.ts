// Notifications to systemd (sd_notify(3)), for units of Type=notify.
import type { Addon } from '../../net/native/addon.ts';
import { datagramSocket } from '../../net/native/datagram.ts';

/** Sends states such as `READY=1`. */
export type Notify = (state: string) => void;

/**
 * The way to the supervisor that NOTIFY_SOCKET names; undefined where none does, and `warn` hears where it cannot be told
 * anything. Call it before a chroot, which may hide it. Needs the native addon: Node.js has no Unix datagrams.
 */
export function openNotify(
  addon: Addon | undefined,
  warn: (sentence: string) => void,
  path = process.env['NOTIFY_SOCKET'],
): Notify | undefined {
  if (path === undefined || path === '') return undefined;
  if (addon === undefined) {
    warn('systemd waits to be told of our start, which needs the native addon: set Type=exec in the unit');
    return undefined;
  }
  try {
    const socket = datagramSocket(addon, path);
    return (state) => void socket.send(Buffer.from(state));
  } catch (error) {
    warn(`NOTIFY_SOCKET is no usable socket, so no supervisor is told: ${(error as Error).message}`);
    return undefined;
  }
}
