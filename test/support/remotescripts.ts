// Programs for `node -e` on another host. They share no code with the product and no module with the tests.

export type RemoteScript = string;

/** A connection that gives its bytes piece by piece: take(n), or undefined where it has closed before. */
const WIRE = `
  const net = require('node:net');
  function dial({ ip, port }) {
    const socket = net.connect(port, ip);
    let all = Buffer.alloc(0), wake = () => undefined, closed = false;
    socket.on('data', (bytes) => { all = Buffer.concat([all, bytes]); wake(); });
    socket.on('error', () => undefined);
    socket.on('close', () => { closed = true; wake(); });
    return {
      socket,
      send: (hex) => socket.write(Buffer.from(hex, 'hex')),
      async take(count) {
        while (all.length < count && !closed) await new Promise((resolve) => (wake = resolve));
        if (all.length < count) return undefined;
        const taken = all.subarray(0, count);
        all = all.subarray(count);
        return taken;
      },
    };
  }
  const args = JSON.parse(process.argv[1]);
`;

/** argv: the first proxy, the others by their places, the version of SOCKS at the last one, the places of requests. Prints what each was told. */
export const CONNECT: RemoteScript = `${WIRE}
  const [first, proxies, version, places] = args;
  async function ask(place) {
    const wire = dial(first);
    for (const proxy of proxies) {
      wire.send('050100' + '050100' + proxy);
      await wire.take(12);
    }
    if (version === 4) wire.send('0401' + place + '00');
    else {
      wire.send('050100');
      if ((await wire.take(2)) === undefined) return 'closed';
      wire.send('050100' + place);
    }
    const reply = await wire.take(4);
    wire.socket.destroy();
    return reply === undefined ? 'closed' : String(reply[1]);
  }
  (async () => {
    const answers = [];
    for (const place of places) answers.push(await ask(place));
    console.log(JSON.stringify(answers));
  })();
`;

/** argv: the proxy, the places of datagrams. The last place must answer: what has not done so before has not been sent, or was lost. */
export const DATAGRAMS: RemoteScript = `${WIRE}
  const [proxy, places] = args;
  (async () => {
    const wire = dial(proxy);
    wire.send('050100' + '05030001000000000000');
    const reply = await wire.take(12);
    const port = reply.readUInt16BE(10);
    const socket = require('node:dgram').createSocket('udp4');
    const answered = new Set();
    const done = new Promise((resolve) => socket.on('message', (bytes) => {
      answered.add(bytes.subarray(bytes[3] === 1 ? 10 : 22).toString('hex'));
      if (answered.has(places.at(-1))) resolve();
    }));
    for (const place of places) socket.send(Buffer.from('000000' + place + place, 'hex'), port, proxy.ip);
    const again = setInterval(() => socket.send(Buffer.from('000000' + places.at(-1) + places.at(-1), 'hex'), port, proxy.ip), 500);
    await done;
    clearInterval(again);
    wire.socket.end();
    socket.close();
    console.log(JSON.stringify(places.map((place) => (answered.has(place) ? 'answered' : 'silent'))));
  })();
`;

/** A TCP and UDP server that answers what it hears, at all addresses: PORT. */
export const ECHO: RemoteScript = `
  const port = Number(process.argv[1]);
  const { createSocket } = require('node:dgram');
  require('node:net').createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(port, '::', () => {
    const socket = createSocket('udp6');
    socket.on('message', (bytes, from) => socket.send(bytes, from.port, from.address));
    socket.bind(port, '::', () => console.log('ready'));
  });
`;
