// The numbers of RFC 1928, RFC 1929 and SOCKS4 under their names. Nothing else in the program spells them.

export const SOCKS4_VERSION = 0x04;
export const SOCKS5_VERSION = 0x05;

/** METHOD (RFC 1928 section 3; 03 from draft-ietf-aft-socks-chap-01). */
export const METHOD = {
  NONE: 0x00,
  GSSAPI: 0x01,
  USERPASS: 0x02,
  CHAP: 0x03,
  UNACCEPTABLE: 0xff,
} as const;
export type Method = (typeof METHOD)[keyof typeof METHOD];

/**
 * CMD (RFC 1928 section 4), the same numbers as CD of SOCKS4; F0 and F1 from Tor's socks-extensions.txt.
 */
export const COMMAND = {
  CONNECT: 0x01,
  BIND: 0x02,
  UDP_ASSOCIATE: 0x03,
  RESOLVE: 0xf0,
  RESOLVE_PTR: 0xf1,
} as const;

/** ATYP (RFC 1928 section 4). */
export const ATYP = { IPV4: 0x01, NAME: 0x03, IPV6: 0x04 } as const;

/** REP (RFC 1928 section 6). */
export const REP = {
  SUCCEEDED: 0x00,
  GENERAL_FAILURE: 0x01,
  NOT_ALLOWED: 0x02,
  NETWORK_UNREACHABLE: 0x03,
  HOST_UNREACHABLE: 0x04,
  CONNECTION_REFUSED: 0x05,
  TTL_EXPIRED: 0x06,
  COMMAND_NOT_SUPPORTED: 0x07,
  ADDRESS_TYPE_NOT_SUPPORTED: 0x08,
} as const;
export type Rep = (typeof REP)[keyof typeof REP];

/** VN and CD of a SOCKS4 reply. */
export const SOCKS4_REPLY_VERSION = 0x00;
/** NO_IDENT and OTHER_USER are about the user id; this server never sends them. */
export const SOCKS4_REPLY = { GRANTED: 0x5a, REJECTED: 0x5b, NO_IDENT: 0x5c, OTHER_USER: 0x5d } as const;

/** VER and STATUS of the user/password sub-negotiation (RFC 1929 section 2). */
export const USERPASS_VERSION = 0x01;
export const USERPASS_STATUS = { SUCCESS: 0x00, FAILURE: 0x01 } as const;

/** ver and mtyp of GSSAPI, and its levels of protection (RFC 1961 sections 3 to 5; level 0, as clients know it, is no protection). */
export const GSSAPI_VERSION = 0x01;
export const GSSAPI_MESSAGE = { TOKEN: 0x01, LEVEL: 0x02, DATA: 0x03, ABORT: 0xff } as const;
export type GssapiMessage = Exclude<(typeof GSSAPI_MESSAGE)[keyof typeof GSSAPI_MESSAGE], 0xff>;
export const GSSAPI_LEVEL = { NONE: 0, INTEGRITY: 1, CONFIDENTIALITY: 2, SELECTIVE: 3 } as const;

/** VER, ATT, ALGORITHMS and STATUS of CHAP (draft-ietf-aft-socks-chap-01). */
export const CHAP_VERSION = 0x01;
export const CHAP_ATTRIBUTE = {
  STATUS: 0x00,
  TEXT_MESSAGE: 0x01,
  USER_IDENTITY: 0x02,
  CHALLENGE: 0x03,
  RESPONSE: 0x04,
  CHARSET: 0x05,
  IDENTIFIER: 0x10,
  ALGORITHMS: 0x11,
} as const;
/** MD5 is that of PPP (RFC 1994). */
export const CHAP_ALGORITHM = { MD5: 0x05, HMAC_MD5: 0x85 } as const;
export type ChapAlgorithm = (typeof CHAP_ALGORITHM)[keyof typeof CHAP_ALGORITHM];
/** FAILURE may be any other number; this is the one that the C program picosocks5 sends. */
export const CHAP_STATUS = { SUCCESS: 0x00, FAILURE: 0xff } as const;
