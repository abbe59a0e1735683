// --convert: prints the configuration that is equivalent to another program's.
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { parseIp } from '../../base/ip.ts';
import { locate } from '../../config/values/kinds.ts';
import { parseServices, SERVICES_FILE } from '../../config/values/services.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { convertDanted, type DanteHost } from '../../danted/convert.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';
import type { Explanation } from './explain.ts';

/**
 * Reads `file`, a sockd.conf of Dante; a relative name counts from `folder`. `complain` hears each line that could not be
 * carried over, and the status then is LEFT_OVER. Throws StartFailure where the file cannot be read.
 */
export function convertFile(file: string, folder: string, complain: (line: string) => void): Explanation {
  const { text, left } = convertDanted(readText(locate(file, folder), file), thisHost());
  for (const { line, what, why } of left) complain(`${file}:${line}: ${what}: ${why}`);
  if (left.length > 0)
    complain(`${countLeft(left.length)} not carried over, or not wholly; see LEFT in the output`);
  return { text, status: left.length === 0 ? EXIT.OK : EXIT.LEFT_OVER };
}

function countLeft(left: number): string {
  return left === 1 ? 'one thing was' : `${left} things were`;
}

function readText(path: string, written: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartFailure(EXIT.CONFIG, `${written}: cannot be read: ${systemReason(error)}`, error);
  }
}

function thisHost(): DanteHost {
  const interfaces = Object.entries(networkInterfaces()).map(
    ([name, addresses = []]) => [name, addresses.flatMap(({ address }) => parseIp(address) ?? [])] as const,
  );
  const services = readServices();
  return { interfaces: new Map(interfaces), portOf: (name) => services.get(name) };
}

/** Without that file a port has to be a number. */
function readServices(): ReadonlyMap<string, number> {
  try {
    return parseServices(readFileSync(SERVICES_FILE, 'utf8'));
  } catch {
    return new Map();
  }
}
