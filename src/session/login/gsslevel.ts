// The level of protection of messages (RFC 1961 section 4.2): what is answered to what a client asks for.
import type { GssapiProtection } from '../../config/model/config.ts';
import { GSSAPI_LEVEL } from '../../protocol/codes.ts';
import { GSS_FLAG, type Ticket } from '../../auth/kerberos/tickets.ts';

/** A level that is served. */
export type Level = 0 | 1 | 2;

/** A level as the client asks for it; undefined: there is no such level. */
export function askedLevel(octet: number): Level | undefined {
  switch (octet) {
    case GSSAPI_LEVEL.NONE:
    case GSSAPI_LEVEL.INTEGRITY:
    case GSSAPI_LEVEL.CONFIDENTIALITY:
      return octet;
    // Message by message, as both sides like: the stronger one fits always.
    case GSSAPI_LEVEL.SELECTIVE:
      return GSSAPI_LEVEL.CONFIDENTIALITY;
    default:
      return undefined;
  }
}

/**
 * The level to answer with; undefined: this key cannot give the required minimum. Where protection is only offered, a
 * client that has not asked for sequence numbers gets none: curl asks for level 2 and can do 0 only, and RFC 1961 section
 * 3.2 has all others ask for them.
 */
export function chooseLevel(
  asked: Level,
  protection: GssapiProtection,
  { flags, key }: Pick<Ticket, 'flags' | 'key'>,
): Level | undefined {
  const isAble = (flags & GSS_FLAG.SEQUENCE) !== 0;
  const wanted = {
    none: GSSAPI_LEVEL.NONE,
    offer: isAble && key !== undefined ? asked : GSSAPI_LEVEL.NONE,
    integrity: asked === GSSAPI_LEVEL.NONE ? GSSAPI_LEVEL.INTEGRITY : asked,
    confidentiality: GSSAPI_LEVEL.CONFIDENTIALITY,
  }[protection];
  return wanted === GSSAPI_LEVEL.NONE || key !== undefined ? wanted : undefined;
}
