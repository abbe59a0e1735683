// CONNECT and the rules: when a name is looked up, and when it is not.
import test from 'ava';
import { policy, section } from '../support/policy.ts';
import { startServer } from '../support/server.ts';
import { dialWire } from '../support/sockets.ts';
import { transports } from '../support/transports.ts';

const NAME = Buffer.from('A.Test.');
const REQUEST = Buffer.concat([Buffer.from([5, 1, 0, 5, 1, 0, 3, NAME.length]), NAME, Buffer.from([0, 80])]);

for (const { name, create } of transports) {
  const transport = create();

  test(`${name}: a name that no rule can allow is refused without a look-up`, async (t) => {
    // The name server of these tests is a closed port: a look-up ends with RESOLVER_FAILED.
    for (const [request, code] of [
      ['!connect:a.test connect:*', 'REQUEST_DENIED'],
      ['!connect:10.0.0.0/8 connect:.example.org', 'REQUEST_DENIED'],
      ['connect:10.0.0.0/8 !connect:a.test', 'RESOLVER_FAILED'],
      ['connect:.test', 'RESOLVER_FAILED'],
    ] as const) {
      const server = await startServer(transport, { policy: policy({ rules: section('', { request }) }) });
      t.teardown(() => server.stop());
      const wire = await dialWire(server.port);
      wire.send(REQUEST);
      const answer = await wire.rest();
      t.is(answer[3], code === 'REQUEST_DENIED' ? 2 : 4, request);
      t.is((await server.event('refused')).fault.code, code, request);
    }
  });
}
