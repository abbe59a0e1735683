// What --explain says about a session of itineraries.ts, short enough to stand beside what the session does.
import type { Config } from '../../src/config/model/config.ts';
import { explain } from '../../src/daemon/ask/explain.ts';
import { StartFailure } from '../../src/daemon/unix/exit.ts';
import { answersOf, completionsOf, NAMES, type AskedSession } from './itineraries.ts';

/** One answer of explain(): stages and routes as `STAGE VERDICT` and `route [of IP] WAY`, without the reasons. */
export interface Told {
  /** undefined: none is known. What travels to a proxy keeps what was asked about. */
  readonly address: string | undefined;
  readonly stages: readonly string[];
  readonly routes: readonly string[];
  /** `allowed`, `denied`, `dropped`, or `missing` where no such name is found. */
  readonly result: string;
}

/** An answer for each address of a name that is asked for; one where it is an address, or has none. A short name is looked up. */
export async function toldOf(config: Config, asked: AskedSession): Promise<readonly Told[]> {
  const name = asked.target.slice(0, asked.target.lastIndexOf(':'));
  const isShort = completionsOf(name).length > 1;
  const addresses: readonly (string | undefined)[] = isShort ? ['lookup'] : (NAMES[name] ?? [undefined]);
  return Promise.all(addresses.map((address) => toldOfAddress(config, asked, address)));
}

const RESOLVER = { completions: completionsOf, lookup: answersOf, close: () => undefined };

async function toldOfAddress(
  config: Config,
  { command, target, client, user }: AskedSession,
  address: string | undefined,
): Promise<Told> {
  const who = user === undefined ? '' : `user=${user} group=staff `;
  const where = address === undefined ? '' : `ip=${address} `;
  const query = `${who}${where}client=${client} ${command} ${target}`;
  try {
    const { text } = await explain(query, { config, users: { byName: new Map() }, resolver: RESOLVER });
    return readTold(text, address);
  } catch (failure) {
    if (!(failure instanceof StartFailure)) throw failure;
    return { address, stages: [], routes: [], result: 'missing' };
  }
}

function readTold(text: string, asked: string | undefined): Told {
  const lines = text.trimEnd().split('\n').slice(1);
  const found = (pattern: RegExp): string[] =>
    lines.flatMap((line) => pattern.exec(line)?.slice(1).join(' ') ?? []);
  const [looked] = found(/^ {2}address (\S+):/);
  return {
    address: asked === 'lookup' ? (looked ?? asked) : asked,
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
