import test from 'ava';
import { hasEngine } from '../../src/embed/runtime.ts';

test('only Node.js has the engine, though others say that they are Node.js', (t) => {
  t.true(hasEngine());
  t.false(hasEngine({ node: '24.3.0', bun: '1.4.5' }));
  t.false(hasEngine({ node: '24.2.0', deno: '2.9.6' }));
});
