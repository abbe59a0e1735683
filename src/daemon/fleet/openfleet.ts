// What a member of a fleet needs before root is given up: its login at the store, certificates, and the client of Valkey; and whether
// the store then lets it do its work.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Config } from '../../config/model/config.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import { StoreKeys } from './storekeys.ts';
import { StoreFailure, StoreLink, type RedisClient, type StoreAccess } from './storelink.ts';

export interface FleetPlan {
  readonly fleet: string;
  readonly member: string;
  readonly open: () => Promise<StoreLink>;
}

/** undefined: the daemon is in no fleet. Rejects with StartFailure. */
export async function planFleet(config: Config): Promise<FleetPlan | undefined> {
  const { fleet, fleetStore: store, fleetAuth, fleetCa } = config;
  if (fleet === undefined || store === undefined) return undefined;
  const access: StoreAccess = {
    store,
    login: fleetAuth === undefined ? undefined : readLogin(fleetAuth),
    ca: fleetCa === undefined ? undefined : read('fleet-ca', fleetCa),
  };
  const Client = await loadClient();
  const member = config.fleetName ?? nameOfHost();
  return { fleet, member, open: () => StoreLink.open(Client, access) };
}

/** Why not, as a sentence; undefined: it does. */
export async function tryStore({ fleet, open }: FleetPlan): Promise<string | undefined> {
  const { log, members, entries } = new StoreKeys(fleet);
  const nobody = `.${randomUUID()}`;
  try {
    const link = await open();
    try {
      await link.run('TIME');
      await link.run('HGET', members, nobody);
      await link.run('HSCAN', entries, '0', 'COUNT', 1);
      await link.run('XREVRANGE', log, '+', '-', 'COUNT', 1);
      await link.run('XREAD', 'COUNT', 1, 'STREAMS', log, '$');
      // Writes nothing, and is refused where writing would be.
      await link.run('HDEL', members, nobody);
      return undefined;
    } finally {
      link.close();
    }
  } catch (error) {
    if (error instanceof StoreFailure) return `fleet-store fails: ${error.message}`;
    throw error;
  }
}

async function loadClient(): Promise<RedisClient> {
  try {
    const { Redis } = await import('iovalkey');
    return Redis;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartFailure(
      EXIT.CONFIG,
      `fleet needs the package iovalkey, which is not there (${why}); npm install iovalkey where picosocks5 is installed`,
    );
  }
}

/** With what a name of a member cannot have left out. */
function nameOfHost(): string {
  const name = hostname()
    .replaceAll(/[^\w.-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'localhost' : name;
}

function readLogin(file: string): { readonly user: string; readonly password: string } {
  const [line = ''] = read('fleet-auth', file).split(/\r?\n/);
  if (line === '')
    throw new StartFailure(EXIT.CONFIG, `fleet-auth = ${file}: its first line is empty; write USER:PASSWORD`);
  const colon = line.indexOf(':');
  return colon === -1
    ? { user: 'default', password: line }
    : { user: line.slice(0, colon), password: line.slice(colon + 1) };
}

function read(keyword: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartFailure(
      EXIT.CONFIG,
      `${keyword} = ${file}: cannot read it: ${systemReason(error)}`,
      error,
    );
  }
}
