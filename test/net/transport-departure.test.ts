// The Transport contract: where a connection would leave from, once for each implementation.
import test from 'ava';
import { ip } from '../support/ip.ts';
import { testAt } from '../support/ipv6.ts';
import { at, listening, soon } from '../support/legs.ts';
import { transports } from '../support/transports.ts';

for (const { name, create } of transports) {
  const transport = create();
  const title = (sentence: string) => `${name}: ${sentence}`;

  for (const host of ['127.0.0.1', '127.0.0.44', '::1']) {
    testAt(host)(title(`departureTo(${host}) is where dial() leaves from`), async (t) => {
      const { port } = await listening(t, host);
      const leg = await transport.dial(at(port, host), {}, soon());
      t.is(await transport.departureTo(ip(host), {}), leg.local.ip);
      leg.close('reset');
    });
  }

  test(
    title('departureTo() knows no way by a device that is not there, nor to where none leads'),
    async (t) => {
      t.is(await transport.departureTo(ip('127.0.0.1'), { device: 'no-such-if0' }), undefined);
      t.is(await transport.departureTo(ip('fe80::1'), {}), undefined);
    },
  );
}
