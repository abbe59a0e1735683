// Which address of this host leads to another: the kernel is asked by connecting a socket of UDP, which sends nothing.
import { createSocket } from 'node:dgram';
import { familyOf, unmapIp, type Ip } from '../../base/ip.ts';
import { ipOfSystem } from '../../base/zoned.ts';

/** Any but 0, which means none. */
const SOME_PORT = 9;

/** As the routes are now; undefined: the kernel knows no way, or there is no socket to ask with. */
export function askDeparture(to: Ip): Promise<Ip | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(familyOf(to) === 4 ? 'udp4' : 'udp6');
    const answer = (ip: Ip | undefined): void => {
      socket.close();
      resolve(ip);
    };
    socket.once('error', () => answer(undefined));
    socket.once('connect', () => {
      const ip = ipOfSystem(socket.address().address);
      answer(ip && unmapIp(ip));
    });
    socket.connect(SOME_PORT, to);
  });
}
