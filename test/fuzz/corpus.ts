// The conversations from which scripts are made: seeds.txt and what the wire cases send.
import { readFileSync } from 'node:fs';
import { ipToBytes } from '../../src/base/ip.ts';
import { loadWireCases, type WireItem } from '../support/wirecases.ts';
import { CLOSED_MARK, ECHO_MARK, HERE } from './places.ts';
import { parseScript, type Script } from './script.ts';

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);

/** Both in equal parts: the wire cases are more, and the seeds go further. */
export function loadCorpus(): readonly Script[] {
  const seeds = loadSeeds();
  const cases = loadWireCases().map(({ send }) => scriptOf(send));
  return [...cases, ...cases.map((_case, at) => seeds[at % seeds.length]!)];
}

/** Only seeds.txt: what stays the same when somebody adds a wire case. */
export function loadSeeds(): readonly Script[] {
  const text = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map(parseScript);
}

/** The wire cases meet their echo server on 127.0.0.1; here it is on HERE. */
function scriptOf(items: readonly WireItem[]): Script {
  const bytes = Buffer.concat(items.map(bytesOf));
  const here = ipToBytes(HERE);
  for (let at = bytes.indexOf(LOOPBACK); at >= 0; at = bytes.indexOf(LOOPBACK, at + 4)) bytes.set(here, at);
  return [{ kind: 'send', bytes: Uint8Array.from(bytes) }, { kind: 'fin' }];
}

function bytesOf(item: WireItem): Uint8Array {
  if (typeof item === 'number') return Uint8Array.of(item);
  if (item === 'closed') return CLOSED_MARK;
  return item === 'echo' || item === 'echo6' ? ECHO_MARK : Uint8Array.of(0, 0);
}
