// Sources of users: files, and others that are asked about a login.
import type { Origin } from './origin.ts';

/** A file of users. `auto` decides by the number of fields of each line; `shadow` has the accounts of this host. */
export interface AuthSource {
  readonly format: 'auto' | 'htpasswd' | 'password' | 'shadow';
  readonly file: string;
  readonly origin: Origin;
}

/** A source that is asked about users that no file has. */
export type AskedSource = Named &
  (
    | /** A program that speaks the protocol of squid's helpers, with its arguments. */ {
        readonly format: 'helper';
        readonly command: readonly string[];
      }
    | /** The socket of saslauthd(8). */ { readonly format: 'saslauthd'; readonly path: string }
    | /** Directories with the same entries, asked in order. */ {
        readonly format: 'ldap';
        readonly servers: readonly LdapServer[];
      }
  );

export interface LdapServer {
  /** `ldap://HOST:PORT` or `ldaps://HOST:PORT`. */
  readonly url: string;
  /** Without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

interface Named {
  /** As it is written after `auth =`: two with the same text are the same. */
  readonly text: string;
  readonly origin: Origin;
  /** It is none. */
  readonly file?: undefined;
}

/** One `auth`. */
export type AuthChoice = AuthSource | AskedSource;
