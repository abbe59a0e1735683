// Rows of the option table: logins with tickets of Kerberos.
import type { GssapiProtection } from '../model/config.ts';
import { choice, path, word } from '../values/kinds.ts';
import { single, type Option } from './option.ts';

export const KERBEROS: readonly Option[] = [
  single('gssapiKeytab', path('FILE'), {
    keyword: 'gssapi-keytab',
    // Only root can read it mostly, and the process that has its keys was started as root.
    reload: 'restart',
    summary: 'Lets users in who have a ticket of Kerberos for a service in the keytab FILE (GSSAPI).',
    details:
      'The keytab of MIT Kerberos has the keys of the service, mostly `rcmd/HOST` with the name of this host as clients know it; a ticket for any ' +
      'service in it is taken. It is read once, as root; keys that were changed need a restart. Tickets are read by a process of its own, `pis5tickets`, ' +
      'with the account `gssapi-user`, which needs libgssapi_krb5 on this host. Clients then must log in, unless `anonymous` is set. This method ' +
      'is the last one, after a password and after none: many a curl offers it and cannot do it. See docs/logins.md.',
    example: '/etc/picosocks5/socks.keytab',
  }),
  single(
    'gssapiProtection',
    choice<GssapiProtection>('LEVEL', ['offer', 'none', 'integrity', 'confidentiality']),
    {
      keyword: 'gssapi-protection',
      default: 'offer',
      reload: 'live',
      summary: 'Says how messages are protected after a login with a ticket.',
      details:
        '`offer` gives what the client asks for if it can do it, which it shows by asking for sequence numbers; `none` is the login alone; ' +
        '`integrity` and `confidentiality` are the least, and curl, which can do neither, is not served then. Protected clients get no UDP ' +
        'ASSOCIATE, whose datagrams would go in clear.',
    },
  ),
  single('gssapiRealm', word('REALM'), {
    keyword: 'gssapi-realm',
    reload: 'live',
    summary: 'Names users of REALM without it.',
    details:
      '`alice@REALM` is then the user `alice`, with the group and the rules of that name, and the same one as `alice` with a password. Users of other realms ' +
      'keep theirs, and without this option all do.',
    example: 'EXAMPLE.ORG',
  }),
  single('gssapiUser', word('NAME'), {
    keyword: 'gssapi-user',
    default: 'nobody',
    reload: 'restart',
    summary: 'Says as which account tickets are read, where the daemon is started as root.',
    details: 'The account keeps the replay cache of Kerberos, /var/tmp/krb5_UID.rcache2.',
  }),
];
