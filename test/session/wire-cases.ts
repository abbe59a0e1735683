// Whole conversations as data: what the client sends, and every byte that comes back before FIN.
// `PPPP` stands for the port of an echo server, `CCCC` for a port where nobody listens.

export interface WireCase {
  /** Rule of the wire that it shows. */
  readonly rule: string;
  readonly title: string;
  readonly send: string;
  readonly answer: string;
  /** Users are configured: alice with the password secret. */
  readonly users?: true;
  /** Users are configured, and anonymous clients are let in beside them. */
  readonly anonymous?: true;
}

const FAIL = (rep: string) => `05 ${rep} 00 01 00000000 0000`;
const ALICE = '01 05 616c696365 06 736563726574';
const name = (text: string) =>
  `03 ${text.length.toString(16).padStart(2, '0')} ${Buffer.from(text, 'latin1').toString('hex')}`;
const connect = (address: string) => `05 01 00  05 01 00 ${address}`;

export const WIRE_CASES: readonly WireCase[] = [
  // Greeting.
  { rule: 'V5-2', title: 'only an unknown method', send: '05 01 80', answer: '05 FF' },
  { rule: 'V5-3', title: 'no method at all', send: '05 00', answer: '05 FF' },
  { rule: 'V5-4', title: '255 methods, none known', send: `05 FF ${'80'.repeat(255)}`, answer: '05 FF' },
  { rule: 'V5-5', title: 'user/password offered where nobody has one', send: '05 01 02', answer: '05 FF' },
  { rule: 'V5-6', title: 'HTTP', send: '474554202f20485454502f312e300d0a0d0a', answer: '' },
  { rule: 'V5-6', title: 'version 6', send: '06 01 00', answer: '' },
  { rule: 'V5-6', title: 'version 0', send: '00', answer: '' },
  { rule: 'V5-8', title: 'GSSAPI alone', send: '05 01 01', answer: '05 FF' },
  {
    rule: 'V5-2',
    title: '00 alone where users are configured',
    send: '05 01 00',
    answer: '05 FF',
    users: true,
  },
  // Request.
  {
    rule: 'V5-9',
    title: '00 and 01 offered: 00 is taken',
    send: '05 02 00 01  05 01 00 01 7f000001 CCCC',
    answer: `05 00 ${FAIL('05')}`,
  },
  { rule: 'V5-13', title: 'refused', send: connect('01 7f000001 CCCC'), answer: `05 00 ${FAIL('05')}` },
  {
    rule: 'V5-13',
    title: 'refused, IPv6',
    send: connect(`04 ${'00'.repeat(15)}01 CCCC`),
    answer: `05 00 ${FAIL('05')}`,
  },
  {
    rule: 'V5-13',
    title: 'refused, IPv4-mapped IPv6',
    send: connect(`04 ${'00'.repeat(10)}ffff7f000001 CCCC`),
    answer: `05 00 ${FAIL('05')}`,
  },
  {
    rule: 'V5-14',
    title: 'unknown command',
    send: '05 01 00  05 09 00 01 7f000001 0050',
    answer: `05 00 ${FAIL('07')}`,
  },
  {
    rule: 'V5-14',
    title: 'command 00',
    send: '05 01 00  05 00 00 01 7f000001 0050',
    answer: `05 00 ${FAIL('07')}`,
  },
  {
    rule: 'V5-14',
    title: 'unknown address type',
    send: '05 01 00  05 01 00 09',
    answer: `05 00 ${FAIL('08')}`,
  },
  { rule: 'V5-14', title: 'address type 00', send: '05 01 00  05 01 00 00', answer: `05 00 ${FAIL('08')}` },
  {
    rule: 'V5-15',
    title: 'RSV 01 is ignored',
    send: '05 01 00  05 01 01 01 7f000001 CCCC',
    answer: `05 00 ${FAIL('05')}`,
  },
  {
    rule: 'V5-16',
    title: 'request of version 4',
    send: '05 01 00  04 01 00 01 7f000001 0050',
    answer: `05 00 ${FAIL('01')}`,
  },
  { rule: 'V5-17', title: 'empty name', send: connect('03 00 0050'), answer: `05 00 ${FAIL('04')}` },
  {
    rule: 'V5-17',
    title: 'name with NUL',
    send: connect(`${name('127.0.0.1\0evil')} PPPP`),
    answer: `05 00 ${FAIL('04')}`,
  },
  {
    rule: 'V5-17',
    title: 'name with a control byte',
    send: connect(`${name('a\nb')} PPPP`),
    answer: `05 00 ${FAIL('04')}`,
  },
  {
    rule: 'V5-17',
    title: 'name with a space',
    send: connect(`${name('local host')} PPPP`),
    answer: `05 00 ${FAIL('04')}`,
  },
  {
    rule: 'V5-17',
    title: 'empty label',
    send: connect(`${name('a..b')} PPPP`),
    answer: `05 00 ${FAIL('04')}`,
  },
  {
    rule: 'V5-17',
    title: 'label of 64',
    send: connect(`${name('a'.repeat(64))} PPPP`),
    answer: `05 00 ${FAIL('04')}`,
  },
  {
    rule: 'V5-17',
    title: 'name of 255',
    send: connect(`${name('abcd.'.repeat(51))} PPPP`),
    answer: `05 00 ${FAIL('04')}`,
  },
  ...['127.1', '0x7f.1', '2130706433', '0177.0.0.1', '127.0.0.01', '0x7f000001', '1.2.3', '1.2.3.4.5'].map(
    (odd): WireCase => ({
      rule: 'V5-17',
      title: `odd address ${odd}`,
      send: connect(`${name(odd)} PPPP`),
      answer: `05 00 ${FAIL('04')}`,
    }),
  ),
  {
    rule: 'V5-18',
    title: 'name that is an IPv4 address',
    send: connect(`${name('127.0.0.1')} CCCC`),
    answer: `05 00 ${FAIL('05')}`,
  },
  {
    rule: 'V5-18',
    title: 'name that is an IPv6 address',
    send: connect(`${name('::1')} CCCC`),
    answer: `05 00 ${FAIL('05')}`,
  },
  {
    rule: 'V5-19',
    title: 'localhost in capitals with a dot',
    send: connect(`${name('LOCALHOST.')} CCCC`),
    answer: `05 00 ${FAIL('05')}`,
  },
  {
    rule: 'port 0',
    title: 'CONNECT to port 0',
    send: connect('01 7f000001 0000'),
    answer: `05 00 ${FAIL('04')}`,
  },
  // BIND and UDP ASSOCIATE belong to later versions.
  {
    rule: 'V5-14',
    title: 'BIND',
    send: '05 01 00  05 02 00 01 00000000 0000',
    answer: `05 00 ${FAIL('07')}`,
  },
  {
    rule: 'V5-14',
    title: 'UDP ASSOCIATE',
    send: '05 01 00  05 03 00 01 00000000 0000',
    answer: `05 00 ${FAIL('07')}`,
  },
  // Success: the bytes after the reply come from the echo server.
  {
    rule: 'V5-7',
    title: 'greeting, request and data in one write',
    send: '05 01 00  05 01 00 01 7f000001 PPPP 68656c6c6f',
    answer: '05 00 05 00 00 01 7f000001 BBBB 68656c6c6f',
  },
  {
    rule: 'V5-19',
    title: 'localhost by name',
    send: `05 01 00  05 01 00 ${name('localhost')} PPPP 2a`,
    answer: '05 00 05 00 00 01 7f000001 BBBB 2a',
  },
  // RFC 1929.
  {
    rule: 'UP-1',
    title: 'right password, everything in one write',
    users: true,
    send: `05 02 00 02  ${ALICE}  05 01 00 01 7f000001 PPPP 2a`,
    answer: '05 02 01 00 05 00 00 01 7f000001 BBBB 2a',
  },
  {
    rule: 'UP-2',
    title: 'wrong password',
    users: true,
    send: '05 01 02  01 05 616c696365 06 736563726575',
    answer: '05 02 01 01',
  },
  {
    rule: 'UP-2',
    title: 'unknown user',
    users: true,
    send: '05 01 02  01 03 626f62 06 736563726574',
    answer: '05 02 01 01',
  },
  {
    rule: 'UP-4',
    title: 'sub-negotiation of version 5',
    users: true,
    send: `05 01 02  05${ALICE.slice(2)}`,
    answer: '05 02 01 01',
  },
  {
    rule: 'UP-5',
    title: 'empty user',
    users: true,
    send: '05 01 02  01 00 06 736563726574',
    answer: '05 02 01 01',
  },
  {
    rule: 'UP-5',
    title: 'empty password',
    users: true,
    send: '05 01 02  01 05 616c696365 00',
    answer: '05 02 01 01',
  },
  {
    rule: 'UP-6',
    title: 'user and password of 255 bytes',
    users: true,
    send: `05 01 02  01 FF ${'61'.repeat(255)} FF ${'62'.repeat(255)}`,
    answer: '05 02 01 01',
  },
  {
    rule: 'UP-7',
    title: 'right password followed by NUL and more',
    users: true,
    send: '05 01 02  01 05 616c696365 08 736563726574 0078',
    answer: '05 02 01 01',
  },
  {
    rule: 'anonymous',
    title: '00 beside users when anonymous clients are let in',
    anonymous: true,
    send: '05 01 00  05 01 00 01 7f000001 CCCC',
    answer: `05 00 ${FAIL('05')}`,
  },
  {
    rule: 'anonymous',
    title: '02 is preferred to 00',
    anonymous: true,
    send: '05 02 00 02  01 03 626f62 01 78',
    answer: '05 02 01 01',
  },
];
