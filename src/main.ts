// The program: arguments in, exit status out.
import { runCommandLine } from './daemon/cli.ts';

const status = await runCommandLine(process.argv.slice(2), import.meta.url);
process.exit(status);
