// The part of a PROXY protocol header of version 2 after the addresses: fields of type, length and value. Unknown ones are
// skipped; a checksum has to be right.
import { byteString } from '../../base/bytes.ts';
import { crc32c } from './crc32c.ts';

/** Bytes as the sender chose them, one character each; to be escaped before they are logged. */
export interface HeaderExtras {
  /** The name that the client of the balancer asked for (SNI). */
  readonly authority?: string;
  readonly alpn?: string;
  readonly uniqueId?: string;
  /** CN of the certificate that the client showed to the balancer, which has verified it. */
  readonly certificateName?: string;
}

export const NOTHING_TOLD: HeaderExtras = {};

const TYPE = { ALPN: 0x01, AUTHORITY: 0x02, CRC32C: 0x03, UNIQUE_ID: 0x05, SSL: 0x20 } as const;
const FIELD_HEAD_BYTES = 3;
const CRC_BYTES = 4;

/** Reads the fields of a whole `header` from `start` on; undefined: they do not fill it, one stands twice, or the checksum is wrong. */
export function readExtras(header: Uint8Array, start: number): HeaderExtras | undefined {
  const fields = splitFields(header, start);
  if (fields === undefined || !isIntact(header, fields.get(TYPE.CRC32C))) return undefined;
  const ssl = fields.get(TYPE.SSL);
  const certificate = ssl === undefined ? NO_CERTIFICATE : readSsl(header.subarray(ssl.at, ssl.end));
  if (certificate === undefined) return undefined;
  return {
    ...textOf('alpn', header, fields.get(TYPE.ALPN)),
    ...textOf('authority', header, fields.get(TYPE.AUTHORITY)),
    ...textOf('uniqueId', header, fields.get(TYPE.UNIQUE_ID)),
    ...certificate,
  };
}

/** Where the value of a field is. */
interface FieldSpan {
  readonly at: number;
  readonly end: number;
}

const KNOWN: readonly number[] = Object.values(TYPE);

/** Known fields by type; undefined where one is cut off or stands twice. */
function splitFields(
  bytes: Uint8Array,
  start: number,
  known: readonly number[] = KNOWN,
): ReadonlyMap<number, FieldSpan> | undefined {
  const fields = new Map<number, FieldSpan>();
  for (let next = start; next < bytes.length;) {
    const type = bytes[next] ?? 0;
    const at = next + FIELD_HEAD_BYTES;
    const end = at + (((bytes[next + 1] ?? 0) << 8) | (bytes[next + 2] ?? 0));
    if (at > bytes.length || end > bytes.length || fields.has(type)) return undefined;
    if (known.includes(type)) fields.set(type, { at, end });
    next = end;
  }
  return fields;
}

function isIntact(header: Uint8Array, crc: FieldSpan | undefined): boolean {
  if (crc === undefined) return true;
  if (crc.end - crc.at !== CRC_BYTES) return false;
  const told = header.subarray(crc.at, crc.end).reduce((sum, byte) => sum * 256 + byte, 0);
  return told === crc32c(header, crc.at);
}

function textOf<Name extends keyof HeaderExtras>(
  name: Name,
  bytes: Uint8Array,
  field: FieldSpan | undefined,
): { readonly [N in Name]?: string } {
  if (field === undefined || field.at === field.end) return {};
  return { [name]: byteString(bytes.subarray(field.at, field.end)) } as { readonly [N in Name]?: string };
}

type Certificate = Pick<HeaderExtras, 'certificateName'>;

const NO_CERTIFICATE: Certificate = {};

const SSL_FIXED_BYTES = 5;
/** Bits of `client`: a certificate was shown on this connection, or in the session that it goes on with. */
const CERTIFICATE_SHOWN = 0x02 | 0x04;
const COMMON_NAME = 0x22;
/** A name with control characters is ignored. */
// eslint-disable-next-line no-control-regex -- they are what it is about
const CONTROLS = /[\0-\x1f\x7f]/;

/** Reads `client`, `verify` and fields; undefined: it is damaged. `verify` is 0 where no certificate was shown, too. */
function readSsl(ssl: Uint8Array): Certificate | undefined {
  if (ssl.length < SSL_FIXED_BYTES) return undefined;
  const fields = splitFields(ssl, SSL_FIXED_BYTES, [COMMON_NAME]);
  if (fields === undefined) return undefined;
  const isShown = ((ssl[0] ?? 0) & CERTIFICATE_SHOWN) !== 0;
  const isVerified = ssl.subarray(1, SSL_FIXED_BYTES).every((byte) => byte === 0);
  const name =
    isShown && isVerified ? textOf('certificateName', ssl, fields.get(COMMON_NAME)) : NO_CERTIFICATE;
  return CONTROLS.test(name.certificateName ?? '') ? NO_CERTIFICATE : name;
}
