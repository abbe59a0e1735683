// Rows of the option table: proxies on the way to destinations.
import { ROUTE } from '../routes/routes.ts';
import { path } from '../values/kinds.ts';
import { many, single, type Option } from './option.ts';

export const ROUTES: readonly Option[] = [
  {
    kind: 'include',
    holds: 'routes',
    keyword: 'routes',
    fileKeyword: 'routes',
    metavar: 'FILE',
    summary: 'Reads routes from FILE, one on each line, in the format of srelay.conf.',
    details:
      'They count where the option stands, as if each line were a `route`. What follows a word that begins with `#` or ' +
      '`;` is a comment. A line that cannot be read is an error.',
    example: '/etc/picosocks5/routes',
  },
  many('routes', ROUTE, {
    keyword: 'route',
    reload: 'live',
    summary: 'Says how a destination is reached: straight, or through proxies.',
    details:
      'May be repeated; the first route that matches is taken, and without one the destination is reached straight. ' +
      'DESTINATION is an address, `ADDRESS/MASK`, `[IPV6]/BITS`, a name, which stands for all names below it, too, ' +
      '`0.0.0.0` for all of IPv4, `[::]` for all of IPv6, or `*`. PORTS is a port, `LOW-HIGH`, `-HIGH`, `LOW-` or `any`, ' +
      'with `/T` for TCP only, `/U` for UDP only. The proxies follow, the farthest first, each with its port and the type ' +
      '`/S` (SOCKS5, else SOCKS4; the default), `/5`, `/4`, `/H` (HTTP CONNECT), or over TLS `/5S` or `/HS`. `|` stands ' +
      'before another way, which may be `direct`. `pick=` says which way is taken, `names=local` looks names up here, and ' +
      '`source=`, `family=`, `device=` and `mark=` say how this host is left. `send-proxy=v1|v2` tells the target, or the first proxy, who the client is (PROXY protocol). CONNECT, BIND and UDP ASSOCIATE follow ' +
      'routes; datagrams need proxies that are all SOCKS5, without TLS. See ROUTES in picosocks5.conf(5).',
    example: '* any proxy.example.net 1080/5',
  }),
  single('proxyAuth', path('FILE'), {
    keyword: 'proxy-auth',
    reload: 'live',
    summary: 'Takes the logins at the proxies of routes from FILE.',
    details:
      'Lines are `HOST[/PORT] USER PASSWORD [chap]`, as in srelay.passwd; the first one that fits a proxy is taken. `chap` ' +
      'proves the password to a SOCKS5 proxy without sending it. The file is read again when it changes. Other ' +
      'accounts should not be able to read it; if they may write it, it is refused.',
    example: '/etc/picosocks5/proxy-auth',
  }),
  single('proxyCa', path('FILE'), {
    keyword: 'proxy-ca',
    reload: 'live',
    summary: 'Trusts the certificates in FILE, and no others, where a route leads to a proxy over TLS.',
    details:
      'FILE has certificates in PEM form: of the CAs of these proxies, or of a proxy itself. Without it the CAs of the system ' +
      'are trusted (`/etc/ssl/certs/ca-certificates.crt`, else those that came with Node.js); for both, put them into one ' +
      'file. Certificates are always verified, and must be for the proxy as the route names it. A reload reads the file again.',
    example: '/etc/picosocks5/proxy-ca.pem',
  }),
];
