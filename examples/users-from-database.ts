// Users from a database: `findUser` is one query of whichever driver you have. Passwords are kept as scrypt hashes, and an unknown
// name costs the work of a known one. A database that is down refuses the client with LOGIN_UNAVAILABLE, and nobody is banned.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { createServer } from 'picosocks5';

interface User {
  readonly salt: Buffer;
  readonly hash: Buffer;
}
const hash = promisify<string, Buffer, number, Buffer>(scrypt);

// SELECT salt, hash FROM users WHERE name = $1
const salt = randomBytes(16);
const table = new Map<string, User>([['alice', { salt, hash: await hash('secret', salt, 32) }]]);
const findUser = (name: string): Promise<User | undefined> => Promise.resolve(table.get(name));

const nobody: User = { salt: randomBytes(16), hash: randomBytes(32) };

const server = createServer({
  authenticate: async (name, password) => {
    const user = (await findUser(name)) ?? nobody;
    return timingSafeEqual(await hash(password, user.salt, 32), user.hash);
  },
  bans: { failures: 10 },
  limits: ['client sessions=64 rate=20'],
});
const { ip, port } = await server.listen(0, '127.0.0.1');
console.log(`SOCKS5 on ${ip}:${port}`);
