// Limits in tests, as an operator writes them; the first stands in line 1 of `test.conf`.
import { LIMIT_RULE } from '../../src/config/rules/limitrules.ts';
import { compileLimits, type LimitTable } from '../../src/policy/limits/limits.ts';

export function limits(...lines: readonly string[]): LimitTable {
  return compileLimits(
    lines.map((text, at) => {
      const origin = { file: 'test.conf', line: at + 1 };
      const parsed = LIMIT_RULE.parse(text, { origin, folder: '/', portOf: () => undefined });
      if (parsed.kind === 'wrong') throw new Error(parsed.why);
      return parsed.value;
    }),
  );
}
