// workerThreads off: the posix addon does not load twice in one process.
export default {
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  require: ['./test/support/completion.ts'],
  files: ['test/**/*.test.ts'],
  timeout: '3m',
  concurrency: 2,
};
