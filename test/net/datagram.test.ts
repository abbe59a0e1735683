// The datagram socket against a real reader, and crypt() of the addon.
import { loadAddon, type Addon } from '../../src/net/native/addon.ts';
import { datagramSocket } from '../../src/net/native/datagram.ts';
import { needing } from '../support/needing.ts';

const loaded = loadAddon();
const addon = 'reason' in loaded ? undefined : loaded;
const native = needing('the native addon', addon !== undefined);
const bytes = (text: string) => Buffer.from(text);

native('a socket without a reader says gone, and its path may be wrong only in form', (t) => {
  const socket = datagramSocket(addon as Addon, '@picosocks5-test-nobody');
  t.is(socket.send(bytes('record')), 'gone');
  socket.close();
  t.is(socket.send(bytes('record')), 'gone');
  t.throws(() => datagramSocket(addon as Addon, ''), { instanceOf: Error });
  t.throws(() => datagramSocket(addon as Addon, '/'.repeat(200)), { instanceOf: Error });
});

native('crypt() knows the methods of the system and refuses NUL', (t) => {
  const { crypt } = addon as Addon;
  t.is(crypt(bytes('rasmuslerdorf'), '$1$rasmusle$'), '$1$rasmusle$rISCgZzpwk3UhDidwXvin0');
  t.is(crypt(bytes('a\0b'), '$1$rasmusle$'), null);
  t.is(crypt(bytes('a'), '$nonsense$'), null);
  t.throws(() => crypt('text' as unknown as Uint8Array, 'rl'), { instanceOf: TypeError });
});
