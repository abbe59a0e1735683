// Without a handler Node answers SIGUSR1 by opening its inspector, so main.ts imports this file before everything else.
process.on('SIGUSR1', () => undefined);
