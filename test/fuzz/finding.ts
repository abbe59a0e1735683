// What the fuzzer looks for, and how it is told.
import { formatScript, type Script } from './script.ts';

/**
 * `answer`: a session went as none may go. `trespass`: the rules were broken. `crash`: an error that nobody caught.
 * `stuck`: a session that is over is still in the registry. `leak`: descriptors or handles stay. `control`: another
 * client had to suffer. `memory`: it grows. `decoder`: a decoder broke a property.
 */
export type FindingKind =
  'answer' | 'trespass' | 'crash' | 'stuck' | 'leak' | 'control' | 'memory' | 'decoder';

export interface Finding {
  readonly kind: FindingKind;
  readonly what: string;
  readonly transport: string;
  /** Those of which one or several did it. */
  readonly suspects: readonly Script[];
}

/** More suspects than this are not printed: the seed brings them back. */
const MOST_PRINTED = 8;

/** For people: what happened, the input, the command that shows it again. */
export function formatFinding({ kind, what, transport, suspects }: Finding, runAgain: string): string {
  const inputs = suspects.map(formatScript);
  const commands =
    inputs.length === 0 || inputs.length > MOST_PRINTED
      ? [`make fuzz ${runAgain}`]
      : inputs.map((input) => `make fuzz TRANSPORT=${transport} REPLAY='${input}'`);
  const few = inputs.length > MOST_PRINTED ? [`${inputs.length} scripts together`] : inputs;
  return [
    `FINDING (${kind}, ${transport}): ${what}`,
    ...few.map((input) => `  input: ${input}`),
    ...commands.map((command) => `  again: ${command}`),
  ].join('\n');
}
