// Programs that move more than one connection: VPN, BitTorrent.
import { type Client, type Check } from '../client.ts';
import { LOGIN_PROXY, OPEN_PROXY, PORTS, WEB, type Proxy } from '../place.ts';

/** What each end is called inside of the tunnel. */
const INSIDE = {
  tcp: { device: 'tun1', server: '10.8.1.1', client: '10.8.1.2' },
  udp: { device: 'tun2', server: '10.8.2.1', client: '10.8.2.2' },
} as const;
/** A static key: both ends read this file, and nobody else does. */
const KEY = `-----BEGIN OpenVPN Static key V1-----\n${'0123456789abcdef0123456789abcdef\n'.repeat(16)}-----END OpenVPN Static key V1-----\n`;

export const TUNNELS: readonly Client[] = [
  {
    name: 'openvpn',
    needs: { apt: ['openvpn', 'curl'] },
    files: { 'static.key': KEY },
    checks: {
      name: openvpn('tcp', WEB.name, OPEN_PROXY),
      address: openvpn('tcp', WEB.ipv4, OPEN_PROXY),
      ipv6: openvpn('tcp', WEB.ipv6, OPEN_PROXY),
      login: openvpn('tcp', WEB.name, LOGIN_PROXY),
      udp: openvpn('udp', WEB.ipv4, OPEN_PROXY),
    },
    notes: ['Over UDP the server stands as an address: openvpn looks the name up itself.'],
  },
  {
    name: 'libtorrent',
    needs: { apt: ['python3-libtorrent'] },
    programs: ['torrent_seed.py', 'torrent_fetch.py'],
    checks: {
      address: libtorrent('tcp', WEB.ipv4, OPEN_PROXY),
      ipv6: libtorrent('tcp', WEB.ipv6, OPEN_PROXY),
      login: libtorrent('tcp', WEB.ipv4, LOGIN_PROXY),
      udp: libtorrent('utp', WEB.ipv4, OPEN_PROXY),
    },
    notes: [
      'UDP is uTP; clients that are built on it (qBittorrent, Deluge) have these settings in a dialogue.',
    ],
    seconds: 40,
  },
];

function vpnServer(kind: 'tcp' | 'udp'): string {
  const proto = kind === 'tcp' ? 'tcp6-server' : 'udp6';
  const { device, server, client } = INSIDE[kind];
  const options = `--secret static.key --cipher AES-256-CBC --verb 1 --ifconfig ${server} ${client}`;
  return `openvpn --dev ${device} --proto ${proto} --port ${PORTS.vpn} ${options}`;
}

function openvpn(kind: 'tcp' | 'udp', remote: string, { host, port, login }: Proxy): Check {
  const { device, server, client } = INSIDE[kind];
  const settings = `dev ${device}
proto ${kind === 'tcp' ? 'tcp-client' : 'udp'}
remote ${remote} ${PORTS.vpn}
socks-proxy ${host} ${port}${login === undefined ? '' : ' login'}
nobind
ifconfig ${client} ${server}
secret static.key
cipher AES-256-CBC
`;
  return {
    files: {
      'client.conf': settings,
      ...(login === undefined ? {} : { login: `${login.user}\n${login.password}\n` }),
    },
    server: { line: vpnServer(kind), ready: `ss -tuln | grep -q :${PORTS.vpn}` },
    service: {
      line: 'openvpn --config client.conf',
      ready: `curl -sS --max-time 1 http://${server}/`,
    },
    line: `curl -sS http://${server}/`,
    isProbe: true,
  };
}

function libtorrent(kind: string, peer: string, { host, port, login }: Proxy): Check {
  const words = login === undefined ? '' : ` ${login.user} ${login.password}`;
  return {
    server: {
      line: `/usr/bin/python3 torrent_seed.py ${PORTS.torrent}`,
      ready: 'test -e seed.torrent',
    },
    line: `/usr/bin/python3 torrent_fetch.py ${kind} ${peer} ${PORTS.torrent} ${host} ${port}${words}; cat got/greeting`,
  };
}
