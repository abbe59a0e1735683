// CRC32C (RFC 9260 appendix A), the checksum in headers of the PROXY protocol.

/** Castagnoli's polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL;
  return value;
});

/** The checksum of `bytes`, as if the four from `hole` on were zero. */
export function crc32c(bytes: Uint8Array, hole: number): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    const byte = at >= hole && at < hole + 4 ? 0 : (bytes[at] ?? 0);
    crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
