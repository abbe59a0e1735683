// The commands that a document tells its reader to type: its fenced blocks, and the last column of tables that is called "what to type".
// A block without a word, or of "sh", is typed line by line. "ini PATH" are settings for that file. A block that begins with
// "# systemctl edit UNIT" is what is written there. Blocks of other words, such as "text", are looked at and not typed.

export interface Command {
  readonly kind: 'command';
  readonly line: number;
  readonly text: string;
  /** The comment behind it, or what the cell of a table says. */
  readonly said: string;
  /** The line at which its block begins. */
  readonly block: number;
}

/** The text for a file: settings to add, or a whole drop-in of systemd. */
export interface Written {
  readonly kind: 'settings' | 'unit';
  readonly line: number;
  readonly path: string;
  readonly text: string;
}

export type Step = Command | Written;

const FENCE = /^```(\S*)(?: +(\S+))?$/;
const EDIT = /^# systemctl edit (\S+)$/;

/** The steps of a document, in order. */
export function stepsOf(text: string): readonly Step[] {
  const lines = text.split('\n');
  const steps: Step[] = [];
  let isTyped = false;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const fence = FENCE.exec(line);
    if (fence !== null) {
      const end = lines.indexOf('```', at + 1);
      if (end < 0) throw new Error(`line ${at + 1}: the block does not end`);
      steps.push(...stepsOfBlock(fence, lines.slice(at + 1, end), at + 2));
      at = end;
    } else if (line.startsWith('|')) {
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      if (cells.includes('what to type')) isTyped = true;
      else if (isTyped) steps.push(...stepsOfRow(cells, at + 1));
    } else isTyped = false;
  }
  return steps;
}

function stepsOfBlock(
  [, word, path]: readonly string[],
  lines: readonly string[],
  first: number,
): readonly Step[] {
  const text = lines.join('\n');
  const [, unit] = EDIT.exec(lines[0] ?? '') ?? [];
  if (unit !== undefined) {
    const written = `/etc/systemd/system/${unit}.service.d/override.conf`;
    return [{ kind: 'unit', line: first, path: written, text: `${lines.slice(1).join('\n')}\n` }];
  }
  if (word === 'ini' && path !== undefined) return [{ kind: 'settings', line: first, path, text }];
  return word === '' || word === 'sh' ? commandsOf(lines, first) : [];
}

/** A line that ends with a backslash, a pipe or && goes on. */
function commandsOf(lines: readonly string[], first: number): readonly Command[] {
  const commands: Command[] = [];
  let begun = '';
  for (const [at, line] of lines.entries()) {
    begun += begun === '' ? line : `\n${line}`;
    if (/(\\|\||&&)$/.test(line) && at < lines.length - 1) continue;
    if (/^\s*[^#\s]/.test(begun)) commands.push(commandOf(begun, first + at, first));
    begun = '';
  }
  return commands;
}

function commandOf(text: string, line: number, block: number): Command {
  const [, said = ''] = /\s#\s+(.*)$/.exec(text) ?? [];
  return { kind: 'command', line, text, said, block };
}

/** The first piece of code is what is typed, where it has more than one word. */
function stepsOfRow(cells: readonly string[], line: number): readonly Command[] {
  const cell = cells.at(-2) ?? '';
  const [, text = ''] = /`([a-z][^`]* [^`]*)`/.exec(cell) ?? [];
  return text === '' ? [] : [{ kind: 'command', line, text, said: cell, block: line }];
}
