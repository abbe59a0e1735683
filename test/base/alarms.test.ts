import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { clearAlarm, setAlarm } from '../../src/base/alarms.ts';
import { TYPESCRIPT } from '../support/typescript.ts';

test('alarms of different lengths go off in the order of their moments, those of one length as they were set', async (t) => {
  const heard: string[] = [];
  const startedAt = performance.now();
  setAlarm(60, () => heard.push('late'));
  setAlarm(20, () => heard.push('early'));
  await new Promise<void>((resolve) => {
    setAlarm(20, () => heard.push('early, too'));
    setAlarm(100, resolve);
  });
  t.deepEqual(heard, ['early', 'early, too', 'late']);
  t.true(performance.now() - startedAt >= 99);
});

test('an alarm waits its own length, whenever the one before it was set', async (t) => {
  await new Promise<void>((resolve) => {
    setAlarm(120, resolve);
    void pause(60).then(() => {
      const setAt = performance.now();
      setAlarm(120, () => t.true(performance.now() - setAt >= 119));
    });
  });
  await pause(150);
  t.plan(1);
});

test('an alarm that was cleared is silent, and those after it are not', async (t) => {
  const silent = setAlarm(10, () => t.fail('it was cleared'));
  const heard = new Promise<void>((resolve) => void setAlarm(10, resolve));
  clearAlarm(silent);
  clearAlarm(silent);
  await heard;
  t.pass();
});

test('an alarm may clear the next one, and set another of its length', async (t) => {
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    setAlarm(15, () => {
      heard.push('first');
      clearAlarm(second);
      setAlarm(15, resolve);
    });
    const second = setAlarm(15, () => heard.push('second'));
    setAlarm(15, () => heard.push('third'));
  });
  t.deepEqual(heard, ['first', 'third']);
});

test('a process ends while only cleared alarms are left, and not before one that is set', (t) => {
  const module = JSON.stringify(new URL('../../src/base/alarms.ts', import.meta.url));
  const outcome = (then: string): string => {
    const script = `import { clearAlarm, setAlarm } from ${module};
      const one = setAlarm(3_600_000, () => undefined);
      clearAlarm(one);
      ${then}`;
    const args = [TYPESCRIPT, '--input-type=module', '--eval', script];
    return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 }).stdout;
  };
  t.is(outcome(''), '');
  t.is(outcome("setAlarm(50, () => console.log('heard'));"), 'heard\n');
});

test('a listener that throws is told to the process, and the next one hears its alarm', (t) => {
  const module = JSON.stringify(new URL('../../src/base/alarms.ts', import.meta.url));
  const script = `import { setAlarm } from ${module};
    process.on('uncaughtException', (error) => console.log('told: ' + error.message));
    setAlarm(20, () => { throw new Error('a bug'); });
    setAlarm(20, () => console.log('next'));`;
  const args = [TYPESCRIPT, '--input-type=module', '--eval', script];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  t.deepEqual(stdout.trim().split('\n').toSorted(), ['next', 'told: a bug']);
});
