// The PAC file that browsers are given: one that is made here, or the operator's.
import type { Config, Problem } from '../../config/model/config.ts';
import { readContent } from '../../config/reading/contents.ts';
import { error } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';

export interface LoadedPac {
  /** Contains `{host}` in place of the address of this proxy; undefined: there is no PAC file. */
  readonly text: string | undefined;
  readonly problems: readonly Problem[];
  /** Files that were read, and are read again by a reload. */
  readonly files: readonly string[];
}

const NO_PAC: LoadedPac = { text: undefined, problems: [], files: [] };

const GENERATED = `function FindProxyForURL(url, host) {
  if (isPlainHostName(host)) return "DIRECT";
  return "PROXY {host}";
}
`;

/** Browsers refuse larger ones, and each client that asks gets all of it. */
const MAX_PAC_BYTES = 1_048_576;

/** Never throws. */
export function loadPac({ pac }: Pick<Config, 'pac'>): LoadedPac {
  if (pac === undefined) return NO_PAC;
  if (pac === 'generated') return { ...NO_PAC, text: GENERATED };
  const failed = (why: string): LoadedPac => ({
    text: undefined,
    problems: [error({ file: pac }, why)],
    files: [pac],
  });
  try {
    const text = readContent(pac).toString('utf8');
    if (Buffer.byteLength(text) > MAX_PAC_BYTES)
      return failed('is longer than 1 MiB, which no browser takes');
    if (!text.includes('FindProxyForURL'))
      return failed('is no PAC file: it has no function FindProxyForURL');
    return { text, problems: [], files: [pac] };
  } catch (cause) {
    return failed(`cannot be read for the PAC file: ${systemReason(cause)}`);
  }
}
