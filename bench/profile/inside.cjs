// Loaded into the daemon that is profiled, before its own first file: profiles its main thread between two messages of the parent.
'use strict';

const { Session } = require('node:inspector');

const ALLOCATIONS = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
/** Bytes from one sample to the next, on average. */
const STEP = 8192;
const STEP_US = 500;

const session = new Session();
session.connect();

const START = {
  cpu: [['Profiler.enable'], ['Profiler.setSamplingInterval', { interval: STEP_US }], ['Profiler.start']],
  allocations: [['HeapProfiler.startSampling', { samplingInterval: STEP, ...ALLOCATIONS }]],
  held: [['HeapProfiler.startSampling', { samplingInterval: STEP }]],
};
const STOP = {
  cpu: 'Profiler.stop',
  allocations: 'HeapProfiler.stopSampling',
  held: 'HeapProfiler.stopSampling',
};

// The daemon may open no file for writing, so the profile goes to the parent.
process.on('message', ({ kind, over }) => {
  if (!over) {
    for (const [method, parameters] of START[kind]) post(method, parameters);
    process.send({});
  } else {
    if (kind === 'held') post('HeapProfiler.collectGarbage');
    process.send({ profile: post(STOP[kind]).profile });
  }
});
// The daemon ends when it has ended its own work.
process.channel?.unref();

function post(method, parameters = {}) {
  let outcome;
  session.post(method, parameters, (error, result) => {
    if (error) throw new Error(`${method}: ${error.message}`);
    outcome = result;
  });
  return outcome;
}
