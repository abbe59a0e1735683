import test from 'ava';
import { drawFlames, topFrames } from '../../bench/profile/flame.ts';
import {
  addStack,
  newFrame,
  stacksOfCpuProfile,
  stacksOfHeapProfile,
  stacksOfThreads,
  type CallFrame,
  type Frame,
} from '../../bench/profile/stacks.ts';

test('stacksOfCpuProfile() adds up the time of each stack, and leaves out idle time and the profiler', (t) => {
  const nodes = [
    { id: 1, callFrame: at('(root)'), children: [2, 4, 5, 6] },
    { id: 2, callFrame: at('serve', 'file:///dist/main.js', 9), children: [3] },
    { id: 3, callFrame: at('', 'file:///dist/main.js', 19) },
    { id: 4, callFrame: at('(idle)') },
    { id: 5, callFrame: at('(garbage collector)') },
    { id: 6, callFrame: at('post', '/bench/profile/inside.cjs', 1), children: [7] },
    { id: 7, callFrame: at('dispatch') },
  ];
  const root = stacksOfCpuProfile(
    { nodes, samples: [3, 2, 4, 3, 5, 7], timeDeltas: [10, 20, 400, 30, 5, 800] },
    'time',
  );
  t.deepEqual(flat(root), [
    'time 65',
    ' serve main.js:10 60',
    '  (anonymous) main.js:20 40',
    ' (garbage collector) 5',
  ]);
});

test('stacksOfHeapProfile() adds up the bytes of each stack', (t) => {
  const leaf = { callFrame: at('make', 'node:net', 0), selfSize: 24, children: [] };
  const head = {
    callFrame: at('(root)'),
    selfSize: 0,
    children: [{ callFrame: at('serve'), selfSize: 8, children: [leaf] }],
  };
  t.deepEqual(flat(stacksOfHeapProfile(head, 'heap')), [
    'heap 32',
    ' serve [native] 32',
    '  make node:net:1 24',
  ]);
});

const SCRIPT = `node  70/71
\tffffffff8 tcp_sendmsg ([kernel.kallsyms])
\t    7f0001 __send (/usr/lib/x86_64-linux-gnu/libc.so.6)
\t    7f0002 relay_some (/srv/build/Release/picosocks5.node)

node  70/71
\t    7f0003 [unknown] (/usr/lib/x86_64-linux-gnu/libc.so.6)
\t    7f0002 relay_some (/srv/build/Release/picosocks5.node)

node  70/70
\t    7f0002 relay_open (/srv/build/Release/picosocks5.node)

V8 worker  70/72
\t    7f0009 v8::internal::Sweeper::Run (long, int) (/usr/bin/node)

node  70/71
\tffffffff9 schedule ([kernel.kallsyms])
`;

test('stacksOfThreads() takes the threads that were seen in the library, but not the first', (t) => {
  t.deepEqual(flat(stacksOfThreads(SCRIPT, 'picosocks5.node', 'relay')), [
    'relay 3',
    ' relay_some 2',
    '  __send 1',
    '   tcp_sendmsg 1',
    '  [libc.so.6] 1',
    ' schedule 1',
  ]);
});

test('stacksOfThreads() of nothing is empty', (t) => {
  t.is(stacksOfThreads('', 'picosocks5.node', 'relay').value, 0);
});

test('topFrames() are those with the most of their own, recursion and all', (t) => {
  const root = newFrame('all');
  addStack(root, ['a', 'b', 'a'], 50);
  addStack(root, ['a'], 10);
  addStack(root, ['b'], 40);
  t.deepEqual(topFrames(root, 2), [' 60.0 %  a', ' 40.0 %  b']);
});

test('drawFlames() draws each frame as wide as its share, in rows', (t) => {
  const root = newFrame('all <of it>');
  addStack(root, ['a'], 75);
  addStack(root, ['b'], 25);
  addStack(root, ['a', 'too narrow'], 0.001);
  const svg = drawFlames(root, (value) => `${value.toFixed(0)} ms`);
  t.is([...svg.matchAll(/<g>/g)].length, 3);
  t.true(svg.includes('<title>all &lt;of it&gt;: 100.0 %, 100 ms</title>'));
  t.regex(svg, /<title>a: 75\.0 %, 75 ms<\/title><rect x="12\.0" y="66" width="882\.0"/);
  t.regex(svg, /<title>b: 25\.0 %, 25 ms<\/title><rect x="894\.0" y="66" width="294\.0"/);
  t.false(svg.includes('too narrow'));
});

function at(functionName: string, url = '', lineNumber = 0): CallFrame {
  return { functionName, url, lineNumber };
}

/** One line for each frame, indented. */
function flat(frame: Frame, indent = ''): string[] {
  return [
    `${indent}${frame.name} ${frame.value}`,
    ...[...frame.children.values()].flatMap((child) => flat(child, `${indent} `)),
  ];
}
