// Rule lists from their text, for tests that need some.
import type { NetworkRule, RequestRule } from '../../src/config/config.ts';
import { parseNetworkList, parseRequestList } from '../../src/config/patterns.ts';

export const parsePatterns = {
  network: (text: string): readonly NetworkRule[] => mustParse(parseNetworkList(text, {})),
  request: (text: string): readonly RequestRule[] => mustParse(parseRequestList(text, {})),
};

function mustParse<T>(parsed: { kind: 'value'; value: T } | { kind: 'wrong'; why: string }): T {
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.value;
}
