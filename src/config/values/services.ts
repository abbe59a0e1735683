// Names of ports: services(5).

/** The file that knows them. */
export const SERVICES_FILE = '/etc/services';

/** The ports of the text of /etc/services by name and alias; the first line that has a name counts. */
export function parseServices(text: string): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, portAndProtocol, ...aliases] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    const port = Number(/^(\d{1,5})\/\w+$/.exec(portAndProtocol ?? '')?.[1]);
    if (name === undefined || !(port <= 65_535)) continue;
    for (const each of [name, ...aliases]) if (!ports.has(each)) ports.set(each, port);
  }
  return ports;
}
