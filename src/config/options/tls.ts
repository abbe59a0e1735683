// Rows of the option table: TLS in front of listeners.
import type { TlsClient, TlsUser } from '../model/tls.ts';
import { choice, path } from '../values/kinds.ts';
import { many, single, type Option } from './option.ts';

export const TLS: readonly Option[] = [
  many('tlsCert', path('FILE'), {
    keyword: 'tls-cert',
    reload: 'live',
    summary: 'Takes the certificate of `tls:` listeners, and the chain up to its CA, from FILE in PEM form.',
    details:
      'May be repeated: a client gets the first one that is for the host that it names (SNI), else the first of all. A reload ' +
      'reads them again, as the service account. Where a pair cannot be read, or its key is another one, as in the middle of a ' +
      'renewal, the one before stays in use and a warning says so. Live sessions, and the tickets of clients, stay.',
    example: '/etc/picosocks5/tls/fullchain.pem',
  }),
  many('tlsKey', path('FILE'), {
    keyword: 'tls-key',
    reload: 'live',
    summary: 'Takes the key of a certificate from FILE in PEM form, without a passphrase.',
    details:
      'In the order of `tls-cert`, one for each. With no `tls-key` at all the keys stand in the files of the certificates.',
    example: '/etc/picosocks5/tls/privkey.pem',
  }),
  single('tlsMin', choice<'1.2' | '1.3'>('VERSION', ['1.2', '1.3']), {
    keyword: 'tls-min',
    default: '1.2',
    reload: 'live',
    summary: 'Refuses clients of `tls:` listeners with a version of TLS older than VERSION.',
  }),
  single('tlsClientCa', path('FILE'), {
    keyword: 'tls-client-ca',
    reload: 'live',
    summary: 'Trusts certificates of clients that the CAs in FILE have signed, and no others.',
    details:
      'A change of it, of `tls-client` or `tls-user` makes all tickets void, so that each client is checked anew.',
    example: '/etc/picosocks5/tls/clients-ca.pem',
  }),
  single('tlsClient', choice<TlsClient>('HOW', ['no', 'ask', 'require']), {
    keyword: 'tls-client',
    default: 'no',
    reload: 'live',
    summary: 'Says whether clients of `tls:` listeners show a certificate.',
    details:
      '`ask` serves those without one as well, `require` only those with one. A certificate that is expired, or not signed by ' +
      '`tls-client-ca`, ends the connection in either case.',
  }),
  single('tlsUser', choice<TlsUser>('WHAT', ['none', 'cn', 'san-email', 'san-uri']), {
    keyword: 'tls-user',
    default: 'none',
    reload: 'live',
    summary: 'Says what of its certificate names the user of a client, who then needs no login.',
    details:
      'The common name of the subject (`cn`), or the e-mail address or URI among its alternative names; exactly one must be there. ' +
      'The group of the user, and whether it is locked or expired, are those of `auth`; a name that is not there has no group. ' +
      'A client that logs in all the same is who it logs in as.',
  }),
];
