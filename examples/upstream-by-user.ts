// Upstream by user: each user leaves through a proxy of their own, others go straight, and nobody sends mail. The first argument
// is that proxy, as `socks5://name:password@127.0.0.1:1081`.
import { createServer, REP, type Decide } from 'picosocks5';

const upstreams = new Map<string, string>([['alice', process.argv[2] ?? 'socks5://127.0.0.1:1081']]);

const decide: Decide = (session, destination, { what }) => {
  if (destination.port === 25) return { kind: 'deny', reply: REP.NOT_ALLOWED };
  // A new target of a UDP association goes the way of the association.
  if (what === 'datagram') return true;
  const user = session.identity?.kind === 'user' ? session.identity.name : '';
  return { kind: 'allow', upstream: upstreams.get(user) ?? [] };
};

const server = createServer({
  authenticate: (user, password) => password === `${user}-secret`,
  decide,
  onEvent: (event) => {
    if (event.kind === 'connected') console.log(`${event.session.id}: via ${event.session.via ?? 'nobody'}`);
    if (event.kind === 'refused') console.log(`${event.session.id}: ${event.fault.code}`);
  },
});
const { ip, port } = await server.listen(0, '127.0.0.1');
console.log(`SOCKS5 on ${ip}:${port}`);
