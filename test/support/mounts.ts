// Files of the system that one program alone sees in another version. Needs root; the host keeps its own.

/** What goes in front of a command: `files` by the path in whose place they stand. */
export function withFilesInPlace(files: Readonly<Record<string, string>>): readonly string[] {
  const mounts = Object.entries(files).map(([place, file]) => `mount --bind '${file}' '${place}'`);
  return ['unshare', '--mount', 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, 'sh'];
}
