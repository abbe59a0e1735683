// What CONNECT, BIND, UDP and --explain decide about names and addresses, for routes and rules of each kind: the table is
// itineraries.txt, in which a section is a configuration, then clients with what they ask for, then what comes of it.
import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Config } from '../../src/config/model/config.ts';
import { configOf, loadFile } from '../support/configuration.ts';
import { formatTold, toldOf } from '../support/explained.ts';
import { stepsOf, type AskedSession } from '../support/itineraries.ts';

const TABLE = readFileSync(new URL('itineraries.txt', import.meta.url), 'utf8').trimEnd();

for (const section of TABLE.split('\n\n')) {
  const [title = '', ...lines] = section.split('\n');
  const isSetting = (line: string): boolean => /^\w+ = /.test(line);
  const config = configOf(loadFile(lines.filter(isSetting).join('\n')));

  test(`sessions and --explain decide as in the table: ${title.replace('# ', '')}`, async (t) => {
    let asked = { client: '', target: '' };
    for (const line of lines.filter((each) => !isSetting(each))) {
      const [, client, target] = /^client=(\S+) (\S+)$/.exec(line) ?? [];
      if (client !== undefined && target !== undefined) asked = { client, target };
      else t.is(await answered(config, asked, line), line, asked.target);
    }
  });
}

/** The line as it has to be: `COMMAND: STEPS`, or `explain COMMAND+COMMAND: TOLD` where the commands are told the same. */
async function answered(config: Config, asked: Omit<AskedSession, 'command'>, line: string): Promise<string> {
  const [, explained, command] = /^ {2}(?:explain (\S+)|(connect|bind|assoc)):/.exec(line) ?? [];
  if (command !== undefined) {
    const steps = await stepsOf(config, { ...asked, command: command as AskedSession['command'] });
    return `  ${command}: ${steps.join(', ')}`;
  }
  const commands = (explained?.split('+') ?? []) as AskedSession['command'][];
  const told = commands.map(async (each) => formatTold(await toldOf(config, { ...asked, command: each })));
  return `  explain ${explained ?? ''}: ${[...new Set(await Promise.all(told))].join(' AND ')}`;
}
