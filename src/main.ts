// The program: arguments in, exit status out.

// Without a handler Node answers SIGUSR1 by opening its inspector, so there is one before anything else is loaded.
process.on('SIGUSR1', () => undefined);

const { runCommandLine } = await import('./daemon/cli.ts');
const { DROP_INS } = await import('./compat/dropins.ts');
process.exit(await runCommandLine(process.argv.slice(2), import.meta.url, DROP_INS));
