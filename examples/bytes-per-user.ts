// Bytes per user, live sessions included, reported each second; users beyond a gigabyte are cut off.
import { createServer } from 'picosocks5';

const MOST = 1_000_000_000;
const moved = new Map<string, number>();
const add = (user: string, bytes: number) => moved.set(user, (moved.get(user) ?? 0) + bytes);

const server = createServer({
  authenticate: (user, password) => password === `${user}-secret`,
  decide: ({ identity }) => identity?.kind === 'user' && (moved.get(identity.name) ?? 0) < MOST,
  onEvent: (event) => {
    if (event.kind !== 'ended' || event.session.identity?.kind !== 'user') return;
    add(event.session.identity.name, event.bytesUp + event.bytesDown);
  },
});

setInterval(() => {
  const now = new Map(moved);
  for (const { id, user = '', bytesUp, bytesDown } of server.sessions()) {
    const bytes = (now.get(user) ?? 0) + bytesUp + bytesDown;
    now.set(user, bytes);
    if (bytes > MOST) server.kick(id);
  }
  console.log(JSON.stringify(Object.fromEntries(now)));
}, 1000).unref();

const { ip, port } = await server.listen(0, '127.0.0.1');
console.log(`SOCKS5 on ${ip}:${port}`);
