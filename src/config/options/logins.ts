// Rows of the option table: logins beside files of users, by sources that are asked and by tickets of Kerberos.
import type { GssapiProtection } from '../model/config.ts';
import {
  choice,
  count,
  COUNT,
  DURATION,
  FLAG,
  path,
  POSITIVE_DURATION,
  text,
  word,
} from '../values/kinds.ts';
import { single, type Option } from './option.ts';

/** Each process costs memory, and each question a place in the queue. */
const CHILDREN = count(1, 64);

export const LOGINS: readonly Option[] = [
  single('authFallback', FLAG, {
    keyword: 'auth-fallback',
    default: 'no',
    reload: 'live',
    summary: 'Asks the next `auth` about a user where one cannot answer.',
    details:
      'Without it a login that one cannot decide fails, and is no guess: else a user whom the first would refuse could get in by ' +
      'the second whenever the first is down.',
  }),
  single('authTimeoutMs', POSITIVE_DURATION, {
    keyword: 'auth-timeout',
    default: '5s',
    reload: 'restart',
    summary: 'Waits TIME at most for the answer of who is asked in `auth`.',
    details:
      'A program that is silent for longer is ended and started anew; of `ldap:` it holds for each step. It holds from the next start on, because the programs run ' +
      'since then.',
  }),
  single('authCacheMs', DURATION, {
    keyword: 'auth-cache',
    default: '1m',
    reload: 'live',
    summary: 'Asks about the same user and password again after TIME.',
    details:
      'Only right passwords are remembered, as digests, and forgotten at a reload. A helper that says `ttl=` decides itself. 0 asks ' +
      'each time.',
  }),
  single('helperChildren', CHILDREN, {
    keyword: 'helper-children',
    default: '5',
    reload: 'restart',
    summary: 'Runs N processes of each `helper:` at most.',
    details:
      'They are started when there is work for them. It is fixed at the start, which makes the process that starts them.',
  }),
  single('helperConcurrency', COUNT, {
    keyword: 'helper-concurrency',
    default: '0',
    reload: 'restart',
    summary: 'Puts N questions at a time to each process of a `helper:`, with a channel number before each.',
    details:
      'As `concurrency=` of squid(8); 0 means one question without a number, as the helpers of Debian want it. It is fixed at the ' +
      'start, as `helper-children`.',
  }),
  single('helperAs', word('USER'), {
    keyword: 'helper-as',
    reload: 'restart',
    summary: 'Runs each `helper:` as USER, a name or number, instead of the account of the daemon.',
    details:
      'Needs root at the start. `root`, which some PAM modules need, holds for all their processes and for the one that starts them; ' +
      'a daemon that itself stays root runs no `helper:` without this line.',
    example: 'pis5auth',
  }),
  single('saslauthdService', word('NAME'), {
    keyword: 'saslauthd-service',
    default: 'picosocks5',
    reload: 'restart',
    summary: 'Says which service `saslauthd:` in `auth` is asked for: with PAM, the file in /etc/pam.d.',
    details: 'What was opened at the start goes on with the words that it was opened with.',
  }),
  single('saslauthdRealm', word('NAME'), {
    keyword: 'saslauthd-realm',
    reload: 'restart',
    summary: 'Says which realm `saslauthd:` is asked for; by default none.',
    details: 'As `saslauthd-service`.',
    example: 'example.org',
  }),
  single('ldapBase', text('DN'), {
    keyword: 'ldap-base',
    reload: 'restart',
    summary: 'Searches users of `ldap:` in `auth`, and groups, at this entry and below it.',
    details:
      'As all that begins with `ldap-` it is read at the start, with the files that are named, and by a reload that adds `ldap:`.',
    example: 'dc=example,dc=org',
  }),
  single('ldapUserFilter', text('FILTER'), {
    keyword: 'ldap-user-filter',
    default: '(uid=%u)',
    reload: 'restart',
    summary: 'Finds the entry of a user; %u stands for the name.',
    details:
      'It may stand as the value of an equality only. The name from then on is that of the entry, as the directory writes it. ' +
      'One that fits several entries lets nobody in.',
  }),
  single('ldapGroup', text('ATTRIBUTE'), {
    keyword: 'ldap-group',
    reload: 'restart',
    summary:
      'Says how the groups of a user are found: an attribute of the entry, or a filter for entries of groups.',
    details:
      'Of an attribute with names of entries, such as memberOf, the first part of each is the group. A filter stands in parentheses, ' +
      'with %u for the name and %d for the DN of the user; the groups are called as `cn` of the entries says.',
    example: '(&(objectClass=groupOfNames)(member=%d))',
  }),
  single('ldapBind', text('DN'), {
    keyword: 'ldap-bind',
    reload: 'restart',
    summary: 'Searches as this entry; by default as nobody in particular.',
    details: 'Its password stands in `ldap-password-file`.',
    example: 'cn=picosocks5,dc=example,dc=org',
  }),
  single('ldapPasswordFile', path('FILE'), {
    keyword: 'ldap-password-file',
    reload: 'restart',
    summary: 'Takes the password for `ldap-bind` from the first line of FILE.',
    details: 'It is read at the start, as root: nobody else needs to read it.',
    example: '/etc/picosocks5/ldap-password',
  }),
  single('ldapStartTls', FLAG, {
    keyword: 'ldap-starttls',
    default: 'no',
    reload: 'restart',
    summary: 'Begins TLS on connections to `ldap://`, before anything else is said.',
    details:
      'Where the server does not, or its certificate is not trusted, it is not asked. `ldaps://` needs no such line.',
  }),
  single('ldapCa', path('FILE'), {
    keyword: 'ldap-ca',
    reload: 'restart',
    summary: 'Trusts directories with certificates of the CAs in FILE, instead of those that Node.js trusts.',
    details:
      'PEM, as of `proxy-ca`. A certificate has to be for the host of the URL; no option switches that off.',
    example: '/etc/ssl/certs/example-ca.pem',
  }),
];

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
