// Clients of Unix sockets, as text in the place of an address: `unix:uid=1000`, or `unix:unknown` where the system does not tell
// the account. Such a client is on this host: wherever an address is needed its is 127.0.0.1.

/** Zone of loopback (zoned.ts) with all clients of Unix sockets; that of one of them is its text. */
export const ANY_UNIX_CLIENT = 'unix';

const PREFIX = 'unix:';
const UNKNOWN = 'unix:unknown';
const TEXT = /^unix:(?:unknown|uid=(0|[1-9]\d{0,9}))$/;
/** 2^32 - 1 is (uid_t)-1, which no process has. */
const MAX_UID = 0xfffffffe;

/** `uid` undefined: unknown. */
export function unixClientText(uid: number | undefined): string {
  return uid === undefined ? UNKNOWN : `${PREFIX}uid=${uid}`;
}

/** Whether an Ip is that of a client of a Unix socket. Cheap, because every connection asks. */
export function isUnixClient(ip: string): boolean {
  return ip.startsWith(PREFIX);
}

/** Whether any text spells such a client. */
export function spellsUnixClient(text: string): boolean {
  const [, uid = '0'] = TEXT.exec(text) ?? ['', String(Infinity)];
  return Number(uid) <= MAX_UID;
}

/** undefined: it is not known, or no client of a Unix socket. */
export function uidOf(ip: string): number | undefined {
  const uid = TEXT.exec(ip)?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Whether a zone is one of clients of Unix sockets, and no interface. */
export function isUnixZone(zone: string): boolean {
  return zone === ANY_UNIX_CLIENT || isUnixClient(zone);
}

/** Whether a zone holds another one; an address without one is in none. */
export function zoneHolds(zone: string, other: string | undefined): boolean {
  return zone === other || (zone === ANY_UNIX_CLIENT && other !== undefined && isUnixZone(other));
}
