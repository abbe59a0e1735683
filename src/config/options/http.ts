// Rows of the option table: clients that speak HTTP.
import { FLAG, PAC } from '../values/kinds.ts';
import { single, type Option } from './option.ts';

export const HTTP: readonly Option[] = [
  single('http', FLAG, {
    keyword: 'http',
    default: 'yes',
    reload: 'live',
    summary: 'Serves clients of HTTP proxies on the same ports.',
    details:
      'A client whose first byte is a letter speaks HTTP. Users, rules, limits and bans are those of SOCKS; a login is asked for by ' +
      '407 and comes as Basic, in clear like a password of SOCKS5. With `no` such clients hear one line with the status 400. ' +
      'See docs/doors.md.',
  }),
  single('pac', PAC, {
    keyword: 'pac',
    reload: 'live',
    summary: 'Serves FILE, or one that is made here, as /proxy.pac to browsers.',
    details:
      '`generated` sends everything but names without a dot through this proxy. In FILE, `{host}` stands for the host and port by ' +
      'which the client has called this one. It is given without a login to clients that `network` admits, at ' +
      '`http://HOST:PORT/proxy.pac`. A reload reads the file again.',
    example: 'generated',
  }),
];
