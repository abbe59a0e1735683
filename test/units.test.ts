// The files that other systems start the service by: what their own programs say about them, as far as those are here.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { mustRun, run } from './support/commands.ts';
import { PROGRAM, temporaryFolder } from './support/daemon.ts';

const ETC = fileURLToPath(new URL('../etc/', import.meta.url));
const SERVICE = join(ETC, 'systemd/picosocks5.service');

/** Accounts and folders of a service need not be there. */
async function isUnderstood(t: ExecutionContext, args: readonly string[]): Promise<void> {
  const { status, stderr } = await run([PROGRAM, '--print-config', ...args]);
  t.deepEqual([status, stderr], [0, ''], args.join(' '));
}

test('systemd finds nothing wrong with the units', async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ['picosocks5.service', 'picosocks5.socket']) {
    const text = readFileSync(join(ETC, 'systemd', name), 'utf8');
    writeFileSync(join(folder, name), text.replaceAll('/usr/local/bin', dirname(PROGRAM)));
  }
  const units = ['picosocks5.service', 'picosocks5.socket'].map((name) => join(folder, name));
  // It reads the units of other packages on this machine, too, and tells of theirs.
  const verify = ['systemd-analyze', 'verify', '--man=no', '--recursive-errors=no', ...units];
  const { status, stdout, stderr } = await run(verify);
  const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('picosocks5'));
  t.deepEqual(ours, []);
  t.is(status, 0, `${stdout}${stderr}`);
});

test('what the service could do to the host is at most 2.0 of 10, says systemd', async (t) => {
  const args = ['security', '--offline=true', '--threshold=20', '--no-pager', SERVICE];
  const { status, stdout } = await run(['systemd-analyze', ...args]);
  t.is(status, 0, stdout);
  t.regex(stdout, /Overall exposure level .*: [01]\.\d/);
});

test('the command line of the unit is one that the daemon understands', async (t) => {
  const [, words = ''] = /^ExecStart=\S+ (.*)$/m.exec(readFileSync(SERVICE, 'utf8')) ?? [];
  const args = words
    .split(' ')
    .filter((word) => word !== '$DAEMON_OPTS')
    .map((word) => (word.endsWith('.conf') ? join(ETC, 'picosocks5.conf') : word));
  await isUnderstood(t, args);
});

for (const name of ['openrc/picosocks5.initd', 'openrc/picosocks5.confd', 'rc.d/picosocks5']) {
  test(`etc/${name} is a script that a shell can read`, async (t) => {
    await t.notThrowsAsync(mustRun(['sh', '-n', join(ETC, name)]));
  });
}

/** The daemon asks for nothing that OpenRC and rc.subr would have to be there for. */
test('OpenRC and FreeBSD start the daemon with options that it understands', async (t) => {
  const folder = temporaryFolder(t);
  const openrc = `. ${join(ETC, 'openrc/picosocks5.initd')}; PROGRAM_ARGS=$command_args`;
  const freebsd = readFileSync(join(ETC, 'rc.d/picosocks5'), 'utf8')
    .replace('. /etc/rc.subr', 'load_rc_config() { :; }; run_rc_command() { :; }')
    .concat('\nPROGRAM_ARGS=$command_args\n');
  writeFileSync(join(folder, 'rc.d'), freebsd);
  for (const script of [openrc, `. ${join(folder, 'rc.d')}`]) {
    const shell = `RC_SVCNAME=x; ${script}; printf '%s\\n' $PROGRAM_ARGS`;
    const words = (await mustRun(['sh', '-c', shell])).trim().split('\n');
    const args = words.map((word) => (word.endsWith('.conf') ? join(ETC, 'picosocks5.conf') : word));
    await isUnderstood(t, args);
  }
});

/** Runs `words` in a shell that has the script, with a daemon whose command line says what was asked of it. */
async function inScript(t: ExecutionContext, script: string, words: string): Promise<string> {
  const folder = temporaryFolder(t);
  const program =
    '#!/bin/sh\ncase $* in *--check*) echo checked; exit 78 ;; *--print-config*) echo "control = /c" ;; esac\n';
  writeFileSync(join(folder, 'picosocks5'), program, { mode: 0o755 });
  writeFileSync(join(folder, 'pis5ctl'), '#!/bin/sh\necho "$@"; exit 1\n', { mode: 0o755 });
  const text = readFileSync(join(ETC, script), 'utf8')
    .replaceAll('/usr/local/bin', folder)
    .replace('. /etc/rc.subr', 'load_rc_config() { :; }; run_rc_command() { :; }');
  writeFileSync(join(folder, 'script'), text);
  const stubs = 'checkpath() { :; }; ebegin() { :; }; eend() { return "$1"; }; RC_SVCNAME=x';
  return mustRun(['sh', '-c', `${stubs}; . ${folder}/script; ${words}; echo "status $?"`]);
}

test('OpenRC and FreeBSD check the configuration before a restart stops anything', async (t) => {
  const openrc = 'openrc/picosocks5.initd';
  t.is(await inScript(t, openrc, 'RC_CMD=restart; stop_pre'), 'checked\nstatus 78\n');
  t.is(await inScript(t, openrc, 'RC_CMD=stop; stop_pre'), 'status 0\n');
  t.is(await inScript(t, 'rc.d/picosocks5', '$restart_precmd'), 'checked\nstatus 78\n');
});

test('a reload of theirs ends as pis5ctl does, with its words', async (t) => {
  const said = '--control /c reload\nstatus 1\n';
  t.is(await inScript(t, 'openrc/picosocks5.initd', 'checkconfig() { :; }; reload'), said);
  t.is(await inScript(t, 'rc.d/picosocks5', '$reload_cmd'), said);
});

test('the property list of launchd is one, and starts the daemon with options that it understands', async (t) => {
  const file = join(ETC, 'launchd/org.picosocks5.picosocks5.plist');
  const read = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
  const list = JSON.parse(await mustRun(['python3', '-c', read, file])) as Record<string, unknown>;
  t.is(list['Label'], 'org.picosocks5.picosocks5');
  const [program, ...args] = list['ProgramArguments'] as string[];
  t.is(program, '/usr/local/bin/picosocks5');
  const words = args.map((word) => (word.endsWith('.conf') ? join(ETC, 'picosocks5.conf') : word));
  await isUnderstood(t, words);
});
