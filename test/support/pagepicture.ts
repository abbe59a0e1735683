// A picture of a daemon with very many sessions, for the page.
import type { Picture } from '../../src/daemon/web/pagehtml.ts';

/** Other numbers for each `turn`, so that nothing on the page stays as it is. */
export function crowd(count: number, turn = 0): Picture {
  const series = Array.from({ length: 720 }, (_, at) => at);
  return {
    status: {
      ...{
        release: '1',
        pid: 1,
        state: 'serving',
        uptimeSeconds: 9,
        transport: 'engine',
        account: 'x',
        listen: ['*:1080'],
      },
      ...{ users: 0, bans: 0, logLevel: 'info', live: count, handshakes: 0 },
      commands: { connect: count, bind: 0, assoc: 0, resolve: 0 },
      totals: { accepted: 1, refused: 0, ended: 0, turnedAway: 0, loginsFailed: 0, bytesUp: 1, bytesDown: 2 },
      ...{
        memoryBytes: 1,
        descriptors: 1,
        descriptorLimit: 1,
        lastReload: undefined,
        stateFailure: undefined,
        ways: undefined,
      },
    },
    rates: { up: 1, down: 1, accepted: 1 },
    counts: { configuredAt: 'now', refused: [], bans: [] },
    history: { at: series, sessions: series, up: series, down: series, accepted: series, refused: series },
    matching: count,
    sessions: Array.from({ length: count }, (_, id) => ({
      ...{
        id,
        client: `192.0.2.${id % 250}:${id}`,
        user: `user${id % 97}`,
        group: undefined,
        userid: undefined,
      },
      ...{ command: 'connect', dest: `host${id}.example.org:443`, dialled: undefined },
      ...{ seconds: id, up: (id * 7919 + turn) % 100_003, down: ((id + turn) * 104_729) % 1_000_003 },
    })),
  };
}
