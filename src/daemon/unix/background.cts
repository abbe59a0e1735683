// The first module of the process in the background: CommonJS, because daemonize2 loads it with require(). It runs
// the real program, and sends uncaught errors to the launcher while that listens: stderr is /dev/null here.

interface Options {
  /** The URL of the module to run. */
  readonly program: string;
  /** Where the launcher was started. */
  readonly folder: string;
}

/** Called by daemonize2 with the options given to it. */
const runProgram: ((options: Options) => void) & { folder?: string } = (options) => {
  runProgram.folder = options.folder;
  // Without a handler Node answers SIGUSR1 by opening its inspector.
  process.on('SIGUSR1', () => undefined);
  process.on('uncaughtExceptionMonitor', (error) => {
    const message = `uncaught error in the background process: ${error.stack ?? error.message}`;
    if (process.connected) process.send?.({ kind: 'failed', message, status: 70 });
  });
  // daemonize2 closes the channel to the launcher as soon as this returns, which is before the program has started.
  const disconnect = process.disconnect.bind(process);
  process.disconnect = () => undefined;
  setImmediate(() => {
    process.disconnect = disconnect;
    void import(options.program);
  });
};

module.exports = runProgram;
