// Ends a test process when its tests are done (the setup file of ava.config.js). AVA waits for three minutes for one that does not
// end by itself, and then fails without a word about which.
import { registerCompletionHandler } from 'ava';

registerCompletionHandler(() => process.exit());
