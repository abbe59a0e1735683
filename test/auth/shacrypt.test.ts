import test from 'ava';
import { shaCrypt } from '../../src/auth/hashing/shacrypt.ts';
import { LIBCRYPT_VECTORS } from '../support/cryptvectors.ts';

// The first vectors of the specification, as libxcrypt 4.4 computes them.
const SPECIFIED = [
  ['Hello world!', '$5$saltstring', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  [
    'Hello world!',
    '$6$saltstring',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
] as const;

for (const [password, setting, hash] of SPECIFIED) {
  test(`shaCrypt() gives the specified hash for ${setting}`, (t) => {
    t.is(shaCrypt(Buffer.from(password), setting), hash);
  });
}

test('shaCrypt() reproduces every hash of libcrypt from the hash itself as setting', (t) => {
  for (const [hex, hash] of LIBCRYPT_VECTORS) {
    if (/^\$[56]\$/.test(hash)) t.is(shaCrypt(Buffer.from(hex, 'hex'), hash), hash);
  }
});

test('shaCrypt() refuses what is no setting of its own', (t) => {
  t.throws(() => shaCrypt(Buffer.from('x'), '$1$salt$'), { instanceOf: TypeError });
});
