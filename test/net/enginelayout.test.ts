import test from 'ava';
import { loadAddon } from '../../src/net/native/addon.ts';
import { layoutDifference } from '../../src/net/native/enginelayout.ts';
import { needing } from '../support/needing.ts';

const addon = loadAddon();
const withAddon = needing('the native addon', !('reason' in addon));
const layout = 'reason' in addon ? {} : addon.layout;

withAddon('what the addon shares is where JavaScript looks for it', (t) => {
  t.is(layoutDifference(layout), undefined);
  t.true(Object.keys(layout).length > 40);
});

withAddon('a field that is elsewhere, is missing or is new is told by name', (t) => {
  t.is(layoutDifference({ ...layout, 'record.port': 24 }), 'record.port is 24, and not 28');
  const rest = Object.entries(layout).filter(([name]) => name !== 'send.address');
  t.is(layoutDifference(Object.fromEntries(rest)), 'send.address is missing, and not 28');
  t.is(layoutDifference({ ...layout, 'record.age': 64 }), 'it has record.age');
});

test('an addon from before it told its layout is of another version', (t) => {
  t.is(layoutDifference(undefined), 'it does not tell its layout');
});
