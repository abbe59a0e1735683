// The program: arguments in, exit status out.
import './daemon/unix/inspector.ts';
import { runCommandLine } from './daemon/start/cli.ts';

const loadDropIns = async () => (await import('./compat/dropins.ts')).DROP_INS;

process.exit(await runCommandLine(process.argv.slice(2), import.meta.url, loadDropIns));
