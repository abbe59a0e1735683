// Environment variables as settings: which, in which order, and what is wrong with them.
import test from 'ava';
import { OPTIONS } from '../../src/config/options/options.ts';
import { environmentSettings } from '../../src/config/reading/environment.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/reading/load.ts';
import { formatProblem } from '../../src/config/values/problem.ts';
import { configOf, problemsOf } from '../support/configuration.ts';
import { systemError } from '../support/systemerror.ts';

type Texts = Readonly<Record<string, string>>;

function load(variables: Texts, argv: readonly string[] = [], files: Texts = {}): LoadedConfig {
  const readFile = (file: string): string => {
    const text = files[file];
    if (text === undefined) throw systemError('ENOENT');
    return text;
  };
  return loadConfig(argv, readFile, '/f', { environment: environmentSettings(variables, '/f') });
}

test('every option of a file has a variable, and actions have none', (t) => {
  for (const option of OPTIONS) {
    const name = `PICOSOCKS5_${option.keyword.toUpperCase().replaceAll('-', '_')}`;
    const { settings, problems } = environmentSettings({ [name]: 'x' }, '/');
    const isSetting = !['action', 'base', 'dropin'].includes(option.kind);
    t.is(settings.length, isSetting ? 1 : 0, name);
    t.is(problems.length, isSetting ? 0 : 1, name);
  }
});

test('a file is weaker than the environment, and that is weaker than the command line', (t) => {
  const variables = { PICOSOCKS5_MAXCONN: '2', PICOSOCKS5_DRAIN: '2s', PICOSOCKS5_IDLE_TIMEOUT: '2s' };
  const files = { '/f/a': 'maxconn = 1\ndrain = 1s\nloglevel = warn' };
  const config = configOf(load(variables, ['-c', 'a', '--maxconn', '3'], files));
  t.is(config.maxSessions, 3);
  t.is(config.drainMs, 2000);
  t.is(config.idleTimeoutMs, 2000);
  t.is(config.logLevel, 'warn');
});

test('lines and semicolons part what may be given several times, and nothing else', (t) => {
  const config = configOf(
    load(
      {
        PICOSOCKS5_LISTEN: '127.0.0.1:1; 127.0.0.1:2\n[::1]:3\n',
        PICOSOCKS5_CONFIG: 'a;b',
        PICOSOCKS5_PIDFILE: '/x;y',
      },
      [],
      { '/f/a': 'maxconn = 7', '/f/b': 'drain = 7s' },
    ),
  );
  t.is(config.listen.length, 3);
  t.is(config.maxSessions, 7);
  t.is(config.drainMs, 7000);
  t.is(config.pidFile, '/x;y');
});

test('flags take yes and no, and an empty variable says nothing', (t) => {
  const config = configOf(load({ PICOSOCKS5_NOFORK: 'yes', PICOSOCKS5_MAXCONN: '', PICOSOCKS5_USER: '  ' }));
  t.true(config.foreground);
  t.is(config.user, undefined);
});

test('what is wrong is told with the name of the variable', (t) => {
  t.deepEqual(problemsOf(load({ PICOSOCKS5_MAXCONN: 'many' })), [
    'environment variable PICOSOCKS5_MAXCONN: maxconn: "many" is not a count; write a whole number from 0 to 999999999',
  ]);
});

test('a variable that is no option is a warning with the nearest one, but for those of build and tests', (t) => {
  const { problems } = environmentSettings(
    { PICOSOCKS5_MAXCON: '1', PICOSOCKS5_TEST_TRANSPORT: 'x', PICOSOCKS5_ENGINE: 'no', OTHER: '1' },
    '/',
  );
  t.deepEqual(problems.map(formatProblem), [
    'environment variable PICOSOCKS5_MAXCON: warning: stands for no option, and does nothing; did you mean "PICOSOCKS5_MAXCONN"?',
  ]);
});
