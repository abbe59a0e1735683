// workerThreads off: the posix addon does not load twice in one process.
export default {
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./scripts/typescript.js'],
  workerThreads: false,
  require: ['./test/support/completion.ts'],
  files: ['test/**/*.test.ts'],
  // Without the result of any test: the packed package alone is two minutes' work for a slow machine.
  timeout: '10m',
  concurrency: 2,
};
