// Command lines of other programs in tests, and what they come to in our words.
import { formatProblem } from '../../src/config/values/problem.ts';
import type { DropIn, DropInHost } from '../../src/daemon/host/dropin.ts';
import { argumentBytes } from '../../src/daemon/unix/argumentbytes.ts';

export const HOST: DropInHost = {
  folder: '/here',
  isRoot: false,
  own: new Set(),
  version: '1.2.3',
  argumentBytes: undefined,
};

/** Settings as `keyword = text`, warnings, and what stands in no option; or what is told instead. */
export interface Reading {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
  readonly users: readonly string[];
  readonly told: string | undefined;
  readonly status: number | undefined;
}

export async function read(
  dropIn: DropIn,
  argv: readonly string[],
  host: Partial<DropInHost> = {},
): Promise<Reading> {
  const translation = await dropIn.translate(argv, { ...HOST, argumentBytes: argumentBytes(argv), ...host });
  if (translation.kind === 'told') {
    const told = `${translation.stream}: ${translation.text}`;
    return { lines: [], problems: [], users: [], told, status: translation.status };
  }
  return {
    lines: translation.settings.map(({ option, text }) => `${option.keyword} = ${text ?? ''}`),
    problems: translation.problems.map(formatProblem),
    users: (translation.given?.users ?? []).map(({ user }) => `${user.name} ${user.hashes[0]?.text ?? ''}`),
    told: undefined,
    status: undefined,
  };
}
