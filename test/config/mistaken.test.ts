// Lines that are no settings, and what they were meant to be.
import test from 'ava';
import fc from 'fast-check';
import { loadFile, problemsOf } from '../support/configuration.ts';

const LINES: readonly (readonly [text: string, problem: string])[] = [
  ['listen 127.0.0.1:1080', '"listen 127.0.0.1:1080" has no "="; did you mean "listen = 127.0.0.1:1080"?'],
  ['listen: 127.0.0.1:1080', '"listen: 127.0.0.1:1080" has no "="; did you mean "listen = 127.0.0.1:1080"?'],
  ['listen :1080', '"listen :1080" has no "="; did you mean "listen = :1080"?'],
  ['\tListen\t*:1; ', '"Listen\\t*:1;" has no "="; did you mean "listen = *:1"?'],
  ['listen -> *:1', '"listen -> *:1" has no "="; did you mean "listen = *:1"?'],
  ['user nobody # who', '"user nobody # who" has no "="; did you mean "user = nobody"?'],
  ['idle_timeout 5m', '"idle_timeout 5m" has no "="; did you mean "idle-timeout = 5m"?'],
  ['maxconn 5', '"maxconn 5" has no "="; did you mean "maxconn = 5"?'],
  ['listen=', 'listen: needs a value'],
  ['LISTEN=*:1', 'unknown key "LISTEN"; did you mean "listen"?'],
  ['Idle_Timeout = 5m', 'unknown key "Idle_Timeout"; did you mean "idle-timeout"?'],
  ['log-level = debug', 'unknown key "log-level"; did you mean "loglevel"?'],
  ['-u nobody', '"-u nobody" is for the command line; did you mean "user = nobody"?'],
  ['--user nobody', '"--user nobody" is for the command line; did you mean "user = nobody"?'],
  ['--user=nobody', '"--user = nobody" is for the command line; did you mean "user = nobody"?'],
  ['--nofork', '"--nofork" is for the command line; did you mean "nofork = yes"?'],
  ['--user', '"--user" is for the command line; did you mean "user = ..."?'],
  ['-i ::1 -p 1080', '"-i ::1 -p 1080" is for the command line; here each setting is a line KEY = VALUE'],
  ['--wholly-new', '"--wholly-new" is for the command line; here each setting is a line KEY = VALUE'],
  ['serve everybody', 'unknown key "serve everybody"; a line is KEY = VALUE'],
  ['confine = ye', 'confine: "ye" is not auto, yes or no; did you mean "yes"?'],
  ['confine = on', 'confine: "on" is not auto, yes or no; did you mean "yes"?'],
  ['anonymous = ye', 'anonymous: "ye" is neither yes nor no; did you mean "yes"?'],
  [
    'loglevel = warning',
    'loglevel: "warning" is not err, warn, notice, info, debug or none; did you mean "warn"?',
  ],
];

for (const [text, problem] of LINES) {
  test(`the line ${JSON.stringify(text)} tells what was meant`, (t) => {
    t.deepEqual(problemsOf(loadFile(text)), [`x.conf:1: ${problem}`]);
  });
}

for (const text of [
  'internal: eth0 port = 1080',
  'socksmethod: none',
  'client pass {',
  '}',
  'from: 0/0 to: 0/0',
]) {
  test(`the line ${JSON.stringify(text)} is known as one of Dante`, (t) => {
    t.regex(problemsOf(loadFile(text))[0] ?? '', /is a line of Dante; "picosocks5 --convert danted FILE"/);
  });
}

const SECTIONS: readonly (readonly [header: string, doubt: string | undefined])[] = [
  ['[grup x]', 'did you mean [x]?'],
  ['[group staff]', 'did you mean [staff]?'],
  ['[usr bob]', 'did you mean [user bob]?'],
  ['[users bob]', 'did you mean [user bob]?'],
  ['[user: bob]', 'did you mean [user bob]?'],
  ['[user=bob]', 'did you mean [user bob]?'],
  ['[User bob]', undefined],
  ['[staff]', undefined],
  ['[night shift]', undefined],
  ['[*]', undefined],
];

for (const [header, doubt] of SECTIONS) {
  test(`the section ${header} ${doubt === undefined ? 'is taken as it stands' : 'raises a doubt'}`, (t) => {
    const { config, problems } = loadFile(`${header}\nnetwork = *\n`);
    t.not(config, undefined);
    t.deepEqual(
      problems.map(({ severity, text }) => [severity, text.slice(text.indexOf('did you'))]),
      doubt === undefined ? [] : [['warning', doubt]],
    );
  });
}

test('whatever a line is, its problem is one line of bounded length', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      for (const problem of problemsOf(loadFile(text.replace(/[\n=[]/g, ' ')))) {
        t.notRegex(problem, /\p{Cc}/u);
        t.true(problem.length < 1500);
      }
    }),
  );
  t.pass();
});
