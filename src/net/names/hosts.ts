// The hosts(5) format: `ADDRESS NAME [ALIAS...]`, `#` starts a comment. As in the C library, lines that do not begin
// with an address, and addresses with a zone id, are skipped.
import { familyOf, parseIp, unmapIp, type Ip } from '../../base/ip.ts';
import { isHostName } from '../../protocol/address.ts';

/** The addresses of one name; a family without a line is empty. */
export interface HostsEntry {
  readonly ipv6: readonly Ip[];
  readonly ipv4: readonly Ip[];
}

/** An entry while its file is being read. */
interface OpenEntry {
  readonly ipv6: Ip[];
  readonly ipv4: Ip[];
}

interface AddressLine {
  readonly ip: Ip;
  readonly names: readonly string[];
}

/** Reads a hosts file as a table by name in lower case. A name on several lines has all their addresses. */
export function parseHosts(text: string): ReadonlyMap<string, HostsEntry> {
  const table = new Map<string, OpenEntry>();
  for (const { ip, names } of readLines(text)) {
    for (const name of names) addAddress(entryOf(table, name), ip);
  }
  return table;
}

/** Reads a hosts file as a table by address: the first valid host name of the first line that has one. */
export function parseHostNames(text: string): ReadonlyMap<Ip, string> {
  const table = new Map<Ip, string>();
  for (const { ip, names } of readLines(text)) {
    const name = names.find(isHostName);
    if (name !== undefined && !table.has(ip)) table.set(ip, name);
  }
  return table;
}

function* readLines(text: string): Generator<AddressLine> {
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const ip = parseIp(address);
    if (ip !== undefined) yield { ip: unmapIp(ip), names: names.map(canonicalName) };
  }
}

function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function entryOf(table: Map<string, OpenEntry>, name: string): OpenEntry {
  const known = table.get(name);
  if (known !== undefined) return known;
  const entry: OpenEntry = { ipv6: [], ipv4: [] };
  table.set(name, entry);
  return entry;
}

function addAddress(entry: OpenEntry, ip: Ip): void {
  const family = familyOf(ip) === 6 ? entry.ipv6 : entry.ipv4;
  if (!family.includes(ip)) family.push(ip);
}
