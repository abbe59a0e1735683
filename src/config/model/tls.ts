// Choices for the TLS of listeners.

/** Whether clients of TLS show a certificate. */
export type TlsClient = 'no' | 'ask' | 'require';

/** The part of a client certificate that names the user. */
export type TlsUser = 'cn' | 'san-email' | 'san-uri' | 'none';

/** The same of one that a balancer has checked, and of which it passes on no more. */
export type ProxyUser = 'cn' | 'none';
