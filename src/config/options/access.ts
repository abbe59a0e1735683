// Rows of the option table: who is served, and with what.
import type { MethodOrder } from '../model/config.ts';
import { clashOfNat64, NAT64_PREFIX, SIX_RD_PREFIX } from '../values/carriers.ts';
import { RECHECK } from '../values/control.ts';
import { AUTH_SOURCE } from '../values/authsource.ts';
import { choice, FLAG, word } from '../values/kinds.ts';
import { AUTH_ONCE } from '../values/trust.ts';
import { blocks, many, single, type Option } from './option.ts';

export const USERS: readonly Option[] = [
  many('auth', AUTH_SOURCE, {
    keyword: 'auth',
    short: 'a',
    reload: 'live',
    summary: 'Takes users from FILE, or asks somebody about them.',
    details:
      'May be repeated; the first file that knows a user decides. FORMAT `htpasswd` is a file of htpasswd(1) with ' +
      'lines `user:hash`, `password` one with lines `user:group:secret`, and `auto`, the default, decides line by ' +
      'line: a second field that is a hash is the secret, and what follows a hash and a colon is a comment. A line whose secret is `$base64$` and the password in Base64 lets its user log in with CHAP, too; ' +
      'pis5user(1) writes such lines. `shadow:` are the accounts of this host, from /etc/shadow or another file of ' +
      'shadow(5): it is read at the start, as root, and a reload that cannot read it again keeps what it said; root, and ' +
      'accounts that are locked, expired or without a password, are not let in. `helper:COMMAND ARGUMENTS` asks a program ' +
      'that speaks the protocol of the Basic helpers of squid, without a shell; words with blanks stand in double quotes. ' +
      '`saslauthd:PATH` asks saslauthd(8) at that socket, by default /run/saslauthd/mux; `ldap:URL` a directory, at ' +
      '`ldaps://HOST[:PORT]` or `ldap://...`, with more of them after blanks. See docs/logins.md. ' +
      'With any of these clients must log in, unless `anonymous` is set.',
    example: 'htpasswd:/etc/picosocks5/users',
  }),
  single('anonymous', FLAG, {
    keyword: 'anonymous',
    short: 'A',
    default: 'no',
    reload: 'live',
    summary: 'Serves clients without a login although there are users.',
    details:
      'Such clients are ruled by the section `[*]`; where no `network` rule says anything, only those on loopback, ' +
      'link-local and private networks are served. A client that offers a password and then sends an empty one, as Java does ' +
      'where none is set, is admitted this way, too. Without `auth` no client has to log in anyway.',
  }),
  single('unixUser', FLAG, {
    keyword: 'unix-user',
    default: 'no',
    reload: 'live',
    summary: 'Takes the account of a client of a Unix socket for its login.',
    details:
      'A client without a login of its own is then the user whom /etc/passwd has for the uid of its process, in the group that the files of ' +
      '`auth` give to that name; one whom these files lock, or whose time is over, is not. Accounts without a name there, and those of other ' +
      'user namespaces, are nobody by that. It needs the native addon.',
  }),
  blocks('whitelist', {
    keyword: 'whitelist',
    reload: 'live',
    summary: 'Lets clients of these addresses in without a login although there are users.',
    details:
      'May be repeated. They count as anonymous and are ruled by the section `[*]`. The list never grows by itself; ' +
      'that is what `auth-once` is for. Without `auth` no client has to log in, and `network` alone decides who may come.',
    example: '192.0.2.7,2001:db8:1::/48',
  }),
  single('authOnceMs', AUTH_ONCE, {
    keyword: 'auth-once',
    default: 'no',
    reload: 'live',
    summary: 'Lets a client in without a login for TIME after it has logged in.',
    details:
      '`yes`, or no value, means one hour. The address is remembered, of IPv6 the /64, so all clients behind the ' +
      'same NAT get in, too. Without the login such clients count as anonymous and are ruled by the section `[*]`. ' +
      'The memory outlives a reload, and the removal of the user.',
  }),
  single('methodOrder', choice<MethodOrder>('WHOSE', ['server', 'client']), {
    keyword: 'method-order',
    default: 'server',
    reload: 'live',
    summary: 'Says whose order of login methods counts, that of the `server` or of the `client`.',
    details:
      'The server prefers CHAP to a password, and a password to none: a client that offers a password has to give a right ' +
      'one. With `client` the first method that the client offers and that is open to it is taken, so that those of the ' +
      '`whitelist`, and those known by `auth-once`, need not log in although they could.',
  }),
  single('allowPlaintext', FLAG, {
    keyword: 'allow-plaintext',
    default: 'no',
    reload: 'live',
    summary: 'Accepts user files that hold passwords in plain text.',
    details: 'Every reader of such a file, or of a copy of it, has the passwords.',
  }),
];

export const ACCESS: readonly Option[] = [
  {
    kind: 'base',
    keyword: 'base',
    metavar: 'GROUP',
    summary: 'Names the section to ask where a list of this section is empty.',
    details:
      'Only in a section; without it that is the global one, outside every section. In `[user NAME]` it is asked before ' +
      'the section of the group.',
    example: 'staff',
  },
  {
    kind: 'rules',
    list: 'network',
    keyword: 'network',
    metavar: '[!]ADDRESS[/BITS],...',
    default: undefined,
    repeatable: true,
    reload: 'live',
    summary: 'Says from which networks clients may come; ! denies.',
    details:
      'May be repeated. The first item that matches the client decides, and where there is an item and none matches, ' +
      'the client is refused. `*`, `0.0.0.0/0` and `::/0` match every address of both families; names are not ' +
      'allowed. With neither users nor a rule only clients on loopback, link-local and private networks are served. ' +
      'Without users, `network = *` makes an open proxy.',
    example: '192.168.0.0/16,!10.0.0.66,10.0.0.0/8',
  },
  {
    kind: 'rules',
    list: 'request',
    keyword: 'request',
    metavar: '[!]COMMAND:DESTINATION[:PORTS],...',
    default: undefined,
    repeatable: true,
    reload: 'live',
    summary: 'Says what clients may ask for; ! denies.',
    details:
      'May be repeated. COMMAND is `connect`, `bind`, `assoc`, `resolve` or `all`; DESTINATION is `ADDRESS[/BITS]`, `LOW-HIGH`, ' +
      '`NAME`, `.SUFFIX` (that name and all below it) or `*`, which may be left out with its colon; PORTS is a port, a range or a name of /etc/services. Conditions may ' +
      'follow, with white space before each: `user=`, `group=`, `userid=`, `client=`, `time=`. The ' +
      'first item that matches decides, and where there is an item and none matches, the request is denied. Items with addresses ' +
      'are asked about each address of a name, before that is dialled. An item that allows addresses, unless that is every ' +
      'address, overrides the guard; a name or `*` does not. See RULES in picosocks5.conf(5).',
    example: '!all:*:25,connect:.example.org,connect:* user=alice',
  },
  single('recheck', RECHECK, {
    keyword: 'recheck',
    default: 'keep',
    reload: 'live',
    summary: 'Says what a reload does with live sessions that would be refused now.',
    details:
      '`keep` lets them go on, `cut` ends them, `drain=TIME` ends them after TIME. They are checked as if they had ' +
      'come at the moment of the reload: the rules for the client, the user and the dialled address, and ' +
      'whether the user is still in a file.',
  }),
  many('nat64Prefixes', NAT64_PREFIX, {
    keyword: 'nat64-prefix',
    default: 'auto',
    reload: 'live',
    clashes: clashOfNat64,
    summary: 'Names a prefix under which a translator of this network reaches IPv4 addresses.',
    details:
      'May be repeated. An IPv6 address under it counts, for the guard and for items that deny, as the IPv4 address that ' +
      'it carries, too (RFC 6052). `64:ff9b::/96` is known without. `auto` asks the resolver for `ipv4only.arpa` (RFC 7050) ' +
      'once the daemon serves, at each reload and every hour; no client waits for that. Its answer only closes ' +
      'more: a name server that lies can close addresses, and open none. A prefix that is found holds until the ' +
      'daemon ends; write down one that must hold from the first client on. With a prefix and without `auto`, ' +
      'and with `none`, nothing is asked; nor is it by `inetd` and `explain`.',
  }),
  many('sixRdPrefixes', SIX_RD_PREFIX, {
    keyword: '6rd-prefix',
    reload: 'live',
    summary: 'Names a prefix of 6rd, under which IPv6 addresses carry those of IPv4.',
    details:
      'May be repeated. As `nat64-prefix`, for RFC 5969: the IPv4 address stands right behind the prefix. A common beginning of all ' +
      'IPv4 addresses that is left out there follows after a comma.',
    example: '2001:db8::/32,10.0.0.0/8',
  }),
  single('resolveCommands', FLAG, {
    keyword: 'resolve-commands',
    default: 'no',
    reload: 'live',
    summary: 'Answers the look-up commands of Tor, RESOLVE and RESOLVE_PTR.',
    details:
      'Clients then learn addresses of names, and names of addresses, from the resolver of this host, as far as the ' +
      'rules and the guard let them reach the address.',
  }),
  single('tcpWrappers', FLAG, {
    keyword: 'tcp-wrappers',
    default: 'no',
    reload: 'live',
    summary: 'Asks /etc/hosts.allow and /etc/hosts.deny about each client, as hosts_access(5) has it.',
    details:
      'The name of the daemon in them is that of `tcp-wrappers-name`. Clients that they deny are turned away before their first byte is read. They are ' +
      'read again when they change. Unsupported items are errors: user names, netgroups, `KNOWN`, `UNKNOWN`, ' +
      '`PARANOID`, and options other than `allow` and `deny`. See docs/access.md.',
  }),
  single('tcpWrappersName', word('NAME'), {
    keyword: 'tcp-wrappers-name',
    default: 'picosocks5',
    reload: 'restart',
    summary: 'Says under which name this daemon stands in /etc/hosts.allow and /etc/hosts.deny.',
    details: 'Useful if the files name another daemon that this one replaces, such as `srelay`.',
  }),
];
