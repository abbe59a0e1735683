// A SOCKS5 server inside another program: one user, a forbidden network, a line for each session. Here the program is
// its own client and its own target, so that it shows one whole session and ends.
import { once } from 'node:events';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { createServer, type SessionEvent } from 'picosocks5';

const server = createServer({
  authenticate: (user, password) => user === 'alice' && password === 'secret',
  request: '!connect:192.0.2.0/24,connect:*',
  limits: ['client sessions=64 rate=20', 'total down=100M'],
  idleTimeoutMs: 5 * 60_000,
  onEvent: (event) => console.log(describe(event)),
});
const { ip, port } = await server.listen(0, '127.0.0.1');
console.log(`SOCKS5 on ${ip}:${port}`);

const target = createTcpServer((socket) => socket.end('hello\n')).listen(0, '127.0.0.1');
await once(target, 'listening');
console.log(`the target says ${JSON.stringify(await fetchThrough((target.address() as AddressInfo).port))}`);

target.close();
await server.close(1000); // lets sessions go on for a second, then cuts them

function describe(event: SessionEvent): string {
  switch (event.kind) {
    case 'accepted':
      return `${event.session.client.ip}: accepted`;
    case 'listening':
      return `${event.session.client.ip}: waits at ${event.bound.ip}, port ${event.bound.port}`;
    case 'stranger':
      return `${event.session.client.ip}: ${event.peer.ip} was sent away, ${event.fault.code}`;
    case 'connected':
      return `${event.session.client.ip}: connected from ${event.bound.ip}`;
    case 'turnedAway':
      return `${event.count} turned away: ${event.fault.code}`;
    case 'loginFailed':
      return `${event.session.client.ip}: wrong login as ${JSON.stringify(event.user)}`;
    case 'banned':
      return `${event.ban.name} is banned`;
    case 'refused':
      return `${event.session.client.ip}: refused, ${event.fault.code}`;
    case 'ended':
      return `${event.session.client.ip}: ${event.bytesUp} up, ${event.bytesDown} down, ${event.endedBy}`;
  }
}

/** What a SOCKS client does: greeting, login and request (sent at once), then it reads to the end. */
async function fetchThrough(targetPort: number): Promise<string> {
  const greeting = [5, 1, 2];
  const login = [1, 5, ...Buffer.from('alice'), 6, ...Buffer.from('secret')];
  const request = [5, 1, 0, 1, 127, 0, 0, 1, targetPort >> 8, targetPort & 255];
  const socket = connect(port, ip);
  socket.end(Uint8Array.from([...greeting, ...login, ...request]));
  const answer = Buffer.concat(await socket.toArray());
  return answer.subarray(2 + 2 + 10).toString(); // method, status, reply
}
