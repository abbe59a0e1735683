// Chains of scripted proxies, and the logins that they are told.
import type { Hop, HopProtocol } from '../../../src/config/model/config.ts';
import type { Credentials } from '../../../src/net/proxies/talk.ts';
import type { ChainPlan, OpenChain } from '../../../src/net/proxies/walk.ts';
import type { Transport } from '../../../src/net/transport.ts';
import { destinationOf } from '../../../src/protocol/address.ts';
import { at, soon } from '../legs.ts';
import type { Step } from '../upstreams.ts';

export const hex = (string: string) => Buffer.from(string).toString('hex');

export function planOf(hops: readonly Hop[], destination = 'target.test:80', login?: Login): ChainPlan {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(destination) ?? [];
  return {
    hops,
    destination: destinationOf(host, Number(port))!,
    credentials: () => login && credentialsOf(login),
    cover: () => Promise.reject(new Error('no TLS in this test')),
  };
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly method?: 'password' | 'chap';
}

function credentialsOf({ user, password, method = 'password' }: Login): Credentials {
  return { user: Buffer.from(user), password: Buffer.from(password), method };
}

export const openerOf =
  (transport: Transport, port: number): OpenChain =>
  () =>
    transport.dial(at(port), {}, soon());

export const GRANTED = '005a1388cb007101';

/** Whole answers of each protocol; the proxy ends the stream before each of their bytes. */
export const ANSWERS: readonly (readonly [HopProtocol, before: readonly Step[], answer: string])[] = [
  ['socks5', [3], '0500'],
  ['socks5', [3, '0500', 18], '05000001cb0071011388'],
  ['socks4', [25], GRANTED],
  ['http', ['head'], hex('HTTP/1.1 200 OK\r\nX: y\r\n\r\n')],
];
