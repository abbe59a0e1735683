// Where everything is in the world of the clients. Documentation addresses: docs/clients.md shows the very lines that are run.

export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** `host:port`. */
  readonly at: string;
  /** The same, where clients speak TLS first. */
  readonly tlsAt: string;
  readonly login: Login | undefined;
  /** `user:password@`, or nothing: what URLs of proxies have in front of the host. */
  readonly userinfo: string;
}

interface Login {
  readonly user: string;
  readonly password: string;
}

const ALICE: Login = { user: 'alice', password: 'secret' };

/** Serves without a login. */
export const OPEN_PROXY = proxyAt('192.0.2.1', undefined);
/** Asks for one. */
export const LOGIN_PROXY = proxyAt('192.0.2.2', ALICE);
/** Has users, and serves without a login as well. */
export const EITHER_PROXY = proxyAt('192.0.2.3', undefined);

/** Of the clients' host. */
export const CLIENTS = ['192.0.2.11', '192.0.2.12', '192.0.2.13'] as const;
/** The proxy's leg on the servers' side. */
export const OUTSIDE = { ipv4: '198.51.100.1', ipv6: '2001:db8:80::1' } as const;

/** The servers, all on one host. */
export const WEB = { name: 'www.example.org', ipv4: '198.51.100.80', ipv6: '2001:db8:80::80' } as const;

export const PORTS = {
  web: 80,
  secureWeb: 443,
  ftp: 21,
  ssh: 22,
  dns: 53,
  /** Over UDP: greets whoever sends something. */
  greeter: 7,
  /** Over TCP: connects to the `host:port` that it reads on a line, and says hello there. */
  caller: 9,
  vpn: 1194,
  torrent: 6881,
} as const;

function proxyAt(host: string, login: Login | undefined): Proxy {
  const userinfo = login === undefined ? '' : `${login.user}:${login.password}@`;
  return { host, port: 1080, at: `${host}:1080`, tlsAt: `${host}:1081`, login, userinfo };
}
