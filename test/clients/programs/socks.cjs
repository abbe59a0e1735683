// socks.cjs connect|associate|bind HOST PROXY [USER PASSWORD]: the package socks.
const { Buffer } = require('node:buffer');
const { createSocket } = require('node:dgram');
const { SocksClient } = require('socks');

const [command, host, proxyHost, userId, password] = process.argv.slice(2);
const proxy = { host: proxyHost, port: 1080, type: 5, ...(userId && { userId, password }) };
const at = (port) => ({ host, port });
const commands = {
  async connect() {
    const { socket } = await SocksClient.createConnection({ proxy, command: 'connect', destination: at(80) });
    socket.write('GET / HTTP/1.0\r\n\r\n');
    socket.pipe(process.stdout);
  },
  associate() {
    const client = new SocksClient({
      proxy,
      command: 'associate',
      destination: { host: '0.0.0.0', port: 0 },
    });
    const udp = createSocket('udp4');
    udp.on('message', (frame) => {
      console.log(SocksClient.parseUDPFrame(frame).data.toString());
      process.exit();
    });
    client.on('established', ({ remoteHost }) => {
      const frame = SocksClient.createUDPFrame({ remoteHost: at(7), data: Buffer.from('hello') });
      udp.send(frame, remoteHost.port, remoteHost.host);
    });
    client.connect();
  },
  async bind() {
    const { socket: control } = await SocksClient.createConnection({
      proxy,
      command: 'connect',
      destination: at(9),
    });
    const client = new SocksClient({ proxy, command: 'bind', destination: at(9) });
    client.on('bound', ({ remoteHost }) => control.write(`${remoteHost.host}:${remoteHost.port}\n`));
    client.on('established', ({ socket }) => {
      socket.pipe(process.stdout);
      socket.resume();
      socket.on('end', () => process.exit());
    });
    client.connect();
  },
};
commands[command]();
