// node --import=./scripts/typescript.js scripts/typed/main.ts FOLDER PASSWORD DOCUMENT...: types what the documents say, in that folder, on the host where it runs,
// which it changes: scripts/deb-test/typed.sh makes one for that. A line for each command, at the end "N passed, M failed".
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stepsOf, type Command, type Step, type Written } from './document.ts';
import { BEFORE, STAYING, UNTYPED } from './exceptions.ts';
import { Terminal, type Ended } from './terminal.ts';

const [folder = '.', password = '', ...documents] = process.argv.slice(2);
const terminal = new Terminal(folder);
/** The one at which something stays, and the block that it stands in. */
let staying: { readonly block: number; readonly terminal: Terminal } | undefined;
let [passed, failed] = [0, 0];

for (const document of documents) {
  for (const step of stepsOf(readFileSync(document, 'utf8'))) {
    const title = `${document}:${step.line} ${step.kind === 'command' ? step.text : step.path}`;
    await tell(title, () => take(step));
  }
  await leave(undefined);
}
terminal.close();
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

async function tell(title: string, work: () => Promise<string | undefined>): Promise<void> {
  try {
    const note = await work();
    passed += 1;
    process.stdout.write(
      `${note === undefined ? 'ok   ' : 'skip '} typed: ${title}${note === undefined ? '' : ` (${note})`}\n`,
    );
  } catch (error) {
    failed += 1;
    process.stdout.write(`FAIL  typed: ${title}\n${(error as Error).message}\n`);
  }
}

/** The reason why a command is not typed, if any; throws if it ends otherwise than the text says. */
async function take(step: Step): Promise<string | undefined> {
  switch (step.kind) {
    case 'settings':
      set(step);
      return undefined;
    case 'unit':
      mkdirSync(dirname(step.path), { recursive: true });
      writeFileSync(step.path, step.text);
      mustEnd('systemctl daemon-reload', await terminal.type('systemctl daemon-reload', password));
      return undefined;
    case 'command':
      return typeCommand(step);
  }
}

/** The line of each key takes the place of the one that stands there, commented out or not; else it comes behind all. */
function set({ path, text }: Written): void {
  let written = readFileSync(path, 'utf8');
  for (const line of text.split('\n').filter((each) => /^[^#\s]/.test(each))) {
    const [key = ''] = line.split(/\s*=/);
    const old = new RegExp(`^#?${key}\\s*=.*$`, 'm');
    written = old.test(written) ? written.replace(old, () => line) : `${written}${line}\n`;
  }
  writeFileSync(path, written);
}

async function typeCommand({ text, said, block }: Command): Promise<string | undefined> {
  const untyped = UNTYPED.find(({ matches }) => matches.test(text));
  if (untyped !== undefined) return untyped.because;
  await leave(block);
  const stays = STAYING.find(({ matches }) => matches.test(text));
  if (stays !== undefined) {
    staying = { block, terminal: new Terminal(folder) };
    await staying.terminal.begin(text, stays.shows);
    return undefined;
  }
  for (const { type } of BEFORE.filter(({ matches }) => matches.test(text)))
    mustEnd(type, await terminal.type(type, password));
  const plain = text.replaceAll('PASSWORD', password);
  const ended = await terminal.type(plain, password);
  mustEnd(plain, ended);
  const isAsked = ended.prompts > 0;
  if (isAsked !== /\basks for the password/.test(said))
    throw new Error(
      `it ${isAsked ? 'asks' : 'does not ask'} for a password, and the text says otherwise:\n${ended.output}`,
    );
  if (/(^| )curl /.test(plain) && !ended.output.includes('the page'))
    throw new Error(`no page:\n${ended.output}`);
  if (/^apt-get .* update$/.test(plain) && /^[WE]:/m.test(ended.output)) throw new Error(ended.output);
  return undefined;
}

/** Ends what stays, when the block is over in which it was started. */
async function leave(block: number | undefined): Promise<void> {
  if (staying === undefined || staying.block === block) return;
  await staying.terminal.interrupt();
  staying.terminal.close();
  staying = undefined;
}

function mustEnd(command: string, { status, output }: Ended): void {
  if (status !== 0)
    throw new Error(`${command}\nends with ${status}:\n${output.split('\n').slice(-40).join('\n')}`);
}
