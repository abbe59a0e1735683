// Loaded in front of a program: on SIGUSR2 it collects garbage and says on standard error what the heap holds and may hold.
const { writeSync } = require('node:fs');
const { getHeapStatistics, setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  collect();
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  writeSync(2, `heap used=${used} limit=${limit}\n`);
});
