// What the profilers write, read as a tree of frames: V8's CPU and heap profiles, and what `perf script` prints.

/** A function as it was called from those above it; `value` is what it and all below it took, in the profiler's unit. */
export interface Frame {
  readonly name: string;
  value: number;
  readonly children: Map<string, Frame>;
}

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0. */
  readonly lineNumber: number;
}

export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: CallFrame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface HeapNode {
  readonly callFrame: CallFrame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

export interface HeapProfile {
  readonly head: HeapNode;
}

/** Time in which nothing ran is in no flame graph, nor what the profiler takes for itself. */
const IDLE = '(idle)';
const PROFILER = 'inside.cjs';

export function newFrame(name: string): Frame {
  return { name, value: 0, children: new Map() };
}

/** Adds a weight to a stack, which begins with the outermost function. */
export function addStack(root: Frame, names: readonly string[], weight: number): void {
  root.value += weight;
  let frame = root;
  for (const name of names) {
    let child = frame.children.get(name);
    if (child === undefined) frame.children.set(name, (child = newFrame(name)));
    child.value += weight;
    frame = child;
  }
}

/** In microseconds. */
export function stacksOfCpuProfile({ nodes, samples, timeDeltas }: CpuProfile, title: string): Frame {
  const root = newFrame(title);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const times = new Map<number, number>();
  samples.forEach((id, at) => times.set(id, (times.get(id) ?? 0) + Math.max(0, timeDeltas[at] ?? 0)));
  for (const [leaf, time] of times) {
    const names: string[] = [];
    for (let id: number | undefined = leaf; id !== undefined && parents.has(id); id = parents.get(id)) {
      names.unshift(nameOf(byId.get(id)!.callFrame));
    }
    if (names.at(-1) !== IDLE && !names.some((name) => name.includes(` ${PROFILER}:`)))
      addStack(root, names, time);
  }
  return root;
}

/** In bytes. */
export function stacksOfHeapProfile(head: HeapNode, title: string): Frame {
  const root = newFrame(title);
  const walk = (node: HeapNode, names: readonly string[]): void => {
    if (node.callFrame.url.endsWith(PROFILER)) return;
    if (node.selfSize > 0) addStack(root, names, node.selfSize);
    for (const child of node.children) walk(child, [...names, nameOf(child.callFrame)]);
  };
  walk(head, []);
  return root;
}

/**
 * Of threads other than the first that were seen in `library`, in samples. A block of `perf script -F comm,pid,tid,ip,sym,dso` is
 * `NAME PID/TID`, then a line `ADDRESS SYMBOL (FILE)` for each frame, the innermost first.
 */
export function stacksOfThreads(script: string, library: string, title: string): Frame {
  const root = newFrame(title);
  const blocks = script.split(/\n\s*\n/).flatMap(readBlock);
  const seen = new Set(blocks.filter(({ files }) => files.includes(library)).map(({ thread }) => thread));
  for (const { process, thread, names } of blocks) {
    if (thread !== process && seen.has(thread)) addStack(root, names, 1);
  }
  return root;
}

interface Block {
  readonly process: string;
  readonly thread: string;
  readonly names: readonly string[];
  readonly files: string;
}

function readBlock(block: string): Block[] {
  const [head = '', ...lines] = block.trim().split('\n');
  const [, process, thread] = /\s(\d+)\/(\d+)/.exec(` ${head}`) ?? [];
  if (process === undefined || thread === undefined) return [];
  const frames = lines.flatMap((line) => {
    const [, name, file] = /^\s*[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? [];
    return name === undefined || file === undefined ? [] : [{ name, file }];
  });
  const names = frames.map(({ name, file }) => (name === '[unknown]' ? `[${baseOf(file)}]` : name)).reverse();
  return [{ process, thread, names, files: frames.map(({ file }) => file).join(' ') }];
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name.startsWith('(') ? name : `${name} [native]`;
  return `${name} ${baseOf(url)}:${lineNumber + 1}`;
}

function baseOf(path: string): string {
  return path.split('/').at(-1)!;
}
