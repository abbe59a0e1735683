// Records to the local system log over a datagram socket of our own, in the form of syslog(3):
// `<PRI>Mmm dd hh:mm:ss ident[pid]: text`, without a host name.
import type { Warn } from '../lines/line.ts';
import { awayWarning, type LogSocket, type SyslogSender } from './syslogsender.ts';

/** Fields of each record, and the path of the socket for warnings. */
interface Header {
  readonly path: string;
  readonly ident: string;
  readonly pid: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A sender over `socket`, which it owns. A datagram that the kernel took is delivered. */
export function socketSender(socket: LogSocket, header: Header, warn: Warn): SyslogSender {
  const tag = `${header.ident}[${header.pid}]`;
  let isAway = false;
  return {
    send(priority, text, timeMs) {
      const sent = socket.send(Buffer.from(`<${priority}>${formatStamp(new Date(timeMs))} ${tag}: ${text}`));
      if (sent === 'gone' && !isAway) warn(awayWarning(header.path, 'nobody listens there'));
      isAway = sent === 'gone' || (isAway && sent === 'full');
      return sent;
    },
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
