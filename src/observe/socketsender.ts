// Records to the local system log over a datagram socket of our own, in the form of syslog(3):
// `<PRI>Mmm dd hh:mm:ss ident[pid]: text`, without a host name.
import type { DatagramSocket, SyslogSender } from './syslogsender.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A sender over `socket`, which it owns. A datagram that the kernel took is delivered. */
export function socketSender(socket: DatagramSocket, ident: string, pid: number): SyslogSender {
  return {
    send: (priority, text, timeMs) =>
      socket.send(Buffer.from(`<${priority}>${formatStamp(new Date(timeMs))} ${ident}[${pid}]: ${text}`)),
    drained: () => Promise.resolve(),
    close() {
      socket.close();
      return Promise.resolve();
    },
  };
}

/** TIMESTAMP (RFC 3164 section 4.1.2): local time, the day padded with a space. */
function formatStamp(date: Date): string {
  const day = String(date.getDate()).padStart(2);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${MONTHS[date.getMonth()] ?? ''} ${day} ${hours ?? ''}:${minutes ?? ''}:${seconds ?? ''}`;
}
