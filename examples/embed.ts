// A SOCKS5 server inside another program: one user, one forbidden network, a line for each session.
import { createServer, type SessionEvent } from 'picosocks5';

const server = createServer({
  authenticate: (user, password) => user === 'alice' && password === 'secret',
  request: '!connect:192.0.2.0/24,connect:*',
  idleTimeoutMs: 5 * 60_000,
  onEvent: (event) => {
    const line = describe(event);
    if (line !== undefined) console.log(line);
  },
});

const { ip, port } = await server.listen(0);
console.log(`SOCKS5 on ${ip}:${port}`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close(5000));
}

function describe(event: SessionEvent): string | undefined {
  switch (event.kind) {
    case 'accepted':
    case 'connected':
      return undefined;
    case 'turnedAway':
      return `${event.count} turned away: ${event.fault.code}`;
    case 'loginFailed':
      return `${event.session.client.ip}: wrong login as ${JSON.stringify(event.user)}`;
    case 'refused':
      return `${event.session.client.ip}: refused, ${event.fault.code}`;
    case 'ended':
      return `${event.session.client.ip}: ${event.bytesUp} up, ${event.bytesDown} down, ${event.endedBy}`;
  }
}
