// Where the rules of a sockd.conf pass answers, and what of BIND and UDP is passed then.
import test from 'ava';
import { convert, IPV4, type Case } from '../../support/danted.ts';

const ALL = 'from: 0/0 to: 0/0';

/** Rules about requests and answers, and the items of BIND and UDP that come of them. */
const ANSWERS: readonly Case[] = [
  [
    'socks pass { from: 10.0.0.0/8 to: 0/0 }',
    [
      'connect:* client=10.0.0.0/8',
      'bind:10.0.0.0/8 client=10.0.0.0/8',
      'assoc:10.0.0.0/8 client=10.0.0.0/8',
    ],
  ],
  [
    `socks pass { from: 10.0.0.0/8 to: 0/0 command: udpassociate }
     socks pass { from: 0/0 to: 10.0.0.0/8 command: udpreply bindreply }`,
    ['assoc:* client=10.0.0.0/8'],
  ],
  [
    `socks block { from: 203.0.113.0/24 to: 0/0 command: udpreply }\nsocks pass { ${ALL} protocol: udp }`,
    ['!assoc:203.0.113.0/24', 'assoc:*'],
  ],
  [
    `socks pass { ${ALL} command: udpassociate }
     socks block { from: 203.0.113.0/24 port = 53 to: 10.0.0.0/8 command: udpreply user: ann }
     socks pass { ${ALL} command: udpreply }`,
    ['!assoc:203.0.113.0/24:53 client=10.0.0.0/8', 'assoc:*'],
  ],
  [
    `socks pass { from: 0/0 to: 203.0.113.0/24 port = 53 protocol: udp user: ann }
     socks pass { from: 203.0.113.7/32 to: 10.0.0.0/8 command: udpreply }`,
    ['assoc:203.0.113.7/32:53 client=10.0.0.0/8 user=ann'],
  ],
  [
    `socks pass { from: 0/0 to: .example.com command: udpassociate }
     socks block { from: 203.0.113.0/24 to: 0/0 command: udpreply }\nsocks pass { ${ALL} command: udpreply }`,
    ['!assoc:.example.com', 'assoc:.example.com'],
  ],
  [
    `socks pass { ${ALL} protocol: udp }\nsocks block { from: 0/0 to: .example.org command: udpreply }`,
    ['assoc:*'],
    ['5 to'],
  ],
  [
    `socks block { from: .example.org to: 0/0 command: udpreply }\nsocks pass { ${ALL} protocol: udp }`,
    [],
    ['4 from'],
  ],
  [
    `socks pass { ${ALL} command: udpassociate }\nsocks pass { from: 0/0 to: 0/0 port = 9 command: udpreply }`,
    [],
    ['5 to'],
  ],
  [
    `socks pass { ${ALL} command: bind }\nsocks pass { from: 203.0.113.0/24 to: 10.0.0.0/8 command: bindreply }`,
    ['bind:203.0.113.0/24 client=10.0.0.0/8'],
  ],
  [
    `socks pass { from: 0/0 to: 192.0.2.0/24 command: bind }\nsocks pass { ${ALL} command: bindreply }`,
    ['bind:*'],
  ],
  [`socks pass { from: 0/0 to: 203.0.113.0/24 command: bind }\nsocks pass { ${ALL} command: bindreply }`, []],
  [
    `socks block { from: 0/0 to: 192.0.2.1/32 command: bind }\nsocks pass { ${ALL} protocol: tcp }`,
    ['!bind:192.0.2.1/32', '!bind:*', 'connect:*', 'bind:*'],
  ],
  [
    `socks block { from: 0/0 to: 0/0 port = 25 command: bind }\nsocks pass { ${ALL} protocol: tcp }`,
    ['!bind:*:25', 'connect:*', 'bind:*'],
  ],
  [
    `socks block { from: 0/0 to: 0/0 port gt 25 command: bind }\nsocks pass { ${ALL} protocol: tcp }`,
    ['!bind:*:26-65535', '!bind:*', 'connect:*', 'bind:*'],
  ],
];

for (const [text, request, left = []] of ANSWERS) {
  test(`requests go where Dante passes the answers: ${JSON.stringify(text)}`, (t) => {
    const { settings, left: found } = convert(IPV4 + text);
    t.deepEqual(
      settings.filter((line) => line.startsWith('request')),
      request.map((item) => `request = ${item}`),
    );
    t.deepEqual(found, left);
  });
}

test('with srchost checkreplyauth no answer is passed, for no peer has logged in', (t) => {
  const { settings, left } = convert(`srchost: checkreplyauth\n${IPV4}socks pass { ${ALL} }`);
  t.deepEqual(settings.at(-1), 'request = connect:*');
  t.deepEqual(left, ['1 srchost']);
});
