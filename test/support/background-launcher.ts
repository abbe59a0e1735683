// Launches background-program.ts as main.ts would: argv is the limit in ms and what the program shall do.
import { launchInBackground } from '../../src/daemon/unix/daemonize.ts';
import { EXIT, StartFailure } from '../../src/daemon/unix/exit.ts';

const [limitMs = '0', ...argv] = process.argv.slice(2);
const program = new URL('./background-program.ts', import.meta.url).href;
try {
  const module = argv[0] === 'missing' ? `${program}.none` : program;
  await launchInBackground({ program: module, argv, folder: '/where/it/was' }, Number(limitMs));
  process.exitCode = EXIT.OK;
} catch (error) {
  if (!(error instanceof StartFailure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.status;
}
