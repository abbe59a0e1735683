// What a daemon listens on beside the sockets that were passed to it.
import test from 'ava';
import { wantedListeners } from '../../src/daemon/listeners/listen.ts';
import { formatPlace } from '../../src/net/layer.ts';
import { configOf, load } from '../support/configuration.ts';

async function wanted(argv: readonly string[], inherited: readonly string[]): Promise<readonly string[]> {
  const listeners = await wantedListeners(configOf(load(argv)), inherited);
  return listeners.map(formatPlace);
}

const DEFAULT = ['0.0.0.0:1080', '[::]:1080'];
const PASSED = ['127.0.0.1:5000'];

test('the default address gives way to sockets that were passed, and one that somebody has written does not', async (t) => {
  t.deepEqual(await wanted([], []), DEFAULT);
  t.deepEqual(await wanted([], PASSED), []);
  t.deepEqual(await wanted(['*:1080'], PASSED), DEFAULT);
  t.deepEqual(await wanted(['--listen', '*:1080'], PASSED), DEFAULT);
  t.deepEqual(await wanted(['127.0.0.1:1081'], PASSED), ['127.0.0.1:1081']);
});
