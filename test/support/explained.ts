// What --explain says about a session of itineraries.ts, short enough to stand beside what the session does.
import type { Config } from '../../src/config/model/config.ts';
import { explain } from '../../src/daemon/ask/explain.ts';
import { NAMES, type AskedSession } from './itineraries.ts';

/** One answer of explain(): stages and routes as `STAGE VERDICT` and `route [of IP] WAY`, without the reasons. */
export interface Told {
  readonly address: string | undefined;
  readonly stages: readonly string[];
  readonly routes: readonly string[];
  /** `allowed`, `denied` or `dropped`. */
  readonly result: string;
}

/** An answer for each address of a name that is asked for; one where it is an address, or has none. */
export async function toldOf(config: Config, asked: AskedSession): Promise<readonly Told[]> {
  const name = asked.target.slice(0, asked.target.lastIndexOf(':'));
  const addresses: readonly (string | undefined)[] = NAMES[name] ?? [undefined];
  return Promise.all(addresses.map((address) => toldOfAddress(config, asked, address)));
}

async function toldOfAddress(
  config: Config,
  { command, target, client, user }: AskedSession,
  address: string | undefined,
): Promise<Told> {
  const who = user === undefined ? '' : `user=${user} group=staff `;
  const where = address === undefined ? '' : `ip=${address} `;
  const users = { byName: new Map() };
  const { text } = await explain(`${who}${where}client=${client} ${command} ${target}`, { config, users });
  const lines = text.trimEnd().split('\n').slice(1);
  const found = (pattern: RegExp): string[] =>
    lines.flatMap((line) => pattern.exec(line)?.slice(1).join(' ') ?? []);
  return {
    address,
    stages: found(/^ {2}(\w+|address \S+): (allow|deny): /),
    routes: found(/^ {2}(route(?: of \S+)?): (straight|nowhere|through [^ ]+(?: \| [^ ]+)*)(?=[:,])/),
    result: /^\w+/.exec(lines.at(-1) ?? '')?.[0] ?? '',
  };
}

/** All that is told, in one line: an address after the other. */
export function formatTold(told: readonly Told[]): string {
  const lines = told.map(({ stages, routes, result }) => [...stages.slice(2), ...routes, result].join(', '));
  return [...new Set(lines)].join(' / ');
}
