// Rows of the option table: logins beside files of users, by those who are asked and by tickets of Kerberos.
import type { GssapiProtection } from '../model/config.ts';
import { choice, count, COUNT, DURATION, FLAG, path, POSITIVE_DURATION, word } from '../values/kinds.ts';
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
    summary: 'Waits TIME at most for the answer of `helper:` and `saslauthd:` in `auth`.',
    details:
      'A program that is silent for longer is ended and started anew. It holds from the next start on, because the programs run ' +
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
