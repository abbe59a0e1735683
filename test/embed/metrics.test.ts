// createServer({ metrics }): the metrics of a server in the registry of the program.
import test from 'ava';
import { Registry, Gauge } from 'prom-client';
import { createServer } from '../../src/index.ts';
import { startEmbedded, TRANSPORTS } from '../support/embedded.ts';
import { connectThrough } from '../support/socks.ts';
import { echoServer } from '../support/targets.ts';

for (const transport of TRANSPORTS) {
  test(`the registry of the program has the metrics of the server until it is closed (${transport})`, async (t) => {
    const metrics = new Registry();
    new Gauge({ name: 'own', help: 'of the program', registers: [metrics] }).set(7);
    const { server, port, event } = await startEmbedded(t, { transport, metrics });
    const wire = await connectThrough(port, await echoServer(t));
    wire.send('hello');
    await wire.take(5);
    const text = await metrics.metrics();
    t.regex(text, /^own 7$/m);
    t.regex(text, /^picosocks5_bytes_total\{direction="up"\} 5$/m);
    t.regex(text, /^picosocks5_sessions\{stage="relay"\} 1$/m);
    t.regex(
      text,
      new RegExp(`^picosocks5_sessions_total\\{listener="127.0.0.1:${port}",version="socks5"\\} 1$`, 'm'),
    );
    t.regex(text, /^picosocks5_dial_duration_seconds_count 1$/m);
    t.notRegex(text, /picosocks5_descriptors/);
    wire.socket.destroy();
    await event((each) => each.kind === 'ended');
    t.regex(await metrics.metrics(), /^picosocks5_bytes_total\{direction="up"\} 5$/m);
    await server.close();
    t.regex(await metrics.metrics(), /^# HELP own of the program\n# TYPE own gauge\nown 7\n$/);
  });
}

test('a registry has the metrics of one server, and nothing else passes for one', (t) => {
  const metrics = new Registry();
  const server = createServer({ transport: 'streams', metrics });
  t.teardown(() => server.close());
  t.throws(() => createServer({ transport: 'streams', metrics }), {
    instanceOf: TypeError,
    message: /^metrics: this registry has picosocks5_accepted_total already/,
  });
  t.throws(() => createServer({ metrics: {} as never }), {
    instanceOf: TypeError,
    message: /^metrics: must be a Registry/,
  });
  t.throws(() => server.update({ metrics: new Registry() }), { message: /^metrics: cannot be changed/ });
});
