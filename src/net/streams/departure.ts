// The address from which this host would reach another: the kernel is asked by connecting a UDP socket, which sends
// nothing.
import { createSocket } from 'node:dgram';
import { familyOf, unmapIp, type Ip } from '../../base/ip.ts';
import { ipOfSystem } from '../../base/zoned.ts';

/** Any port but 0, which means none. */
const SOME_PORT = 9;

/** By the present routing tables; undefined: there is no way, or no socket to ask with. */
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
