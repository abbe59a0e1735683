// workerThreads off: the posix addon does not load twice in one process.
// PICOSOCKS5_TEST_ROOMS: folders of test/ that scripts/ava.js has put together, one process for each.
const rooms = (process.env['PICOSOCKS5_TEST_ROOMS'] ?? '').split(' ').filter((room) => room !== '');

export default {
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./scripts/typescript.js'],
  workerThreads: false,
  require: ['./test/support/completion.ts'],
  files: [
    'test/**/*.test.ts',
    ...rooms.flatMap((room) => [`!test/${room}/**`, `build/rooms/${room}.test.ts`]),
  ],
  // Without the result of any test: the packed package alone is two minutes' work for a slow machine.
  timeout: '10m',
  concurrency: 2,
};
