// The commands that a rule of sockd.conf is about.
import type { DanteField } from './statements.ts';

const COMMANDS = ['connect', 'bind', 'bindreply', 'udpassociate', 'udpreply'] as const;
export type DanteCommand = (typeof COMMANDS)[number];

const KNOWN: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['command', COMMANDS],
  ['protocol', ['tcp', 'udp']],
]);

/** Whether each word of a `command` or `protocol` is known; the other fields do not matter. */
export function areCommandsKnown({ key, values }: DanteField): boolean {
  const known: readonly string[] | undefined = KNOWN.get(key);
  return (
    known === undefined || (values.length > 0 && values.every((word) => known.includes(word.toLowerCase())))
  );
}

/** The commands that `command` and `protocol` name; all of them without these fields, or when a word is unknown. */
export function commandsOf(fields: readonly DanteField[]): ReadonlySet<DanteCommand> {
  const commands = wordsOf(fields, 'command');
  const protocols = wordsOf(fields, 'protocol');
  return new Set(
    COMMANDS.filter(
      (command) =>
        (commands === undefined || commands.includes(command)) &&
        (protocols === undefined || protocols.includes(command.startsWith('udp') ? 'udp' : 'tcp')),
    ),
  );
}

function wordsOf(fields: readonly DanteField[], key: string): readonly string[] | undefined {
  const found = fields.filter((field) => field.key === key && areCommandsKnown(field));
  return found.length === 0
    ? undefined
    : found.flatMap(({ values }) => values.map((word) => word.toLowerCase()));
}
