// Browsers without a window. The page has 50 parts and a WebSocket, and reports how much of it arrived; curl fetches the report.
import type { Check, Client } from '../client.ts';
import { OPEN_PROXY, WEB } from '../place.ts';

/** Over TLS, HTTP/2 and its WebSocket, which takes a connection of its own. */
const ALL = /parts=50 socket=hello protocol=h2/;
const ALL_PLAIN = /parts=50 socket=hello protocol=http\/1\.1/;

/** `browser` is typed with a URL behind it, which names who reports. */
function browses(browser: string): Client['checks'] {
  const page = (who: string, origin: string, shows: RegExp): Check => ({
    service: { line: `${browser} '${origin}/page?${who}'`, ready: 'true' },
    line: `curl -sSk --globoff --proxy socks5h://${OPEN_PROXY.at} '${origin}/reported?from=${who}'`,
    isProbe: true,
    shows,
  });
  const program = browser.split(' ')[0]!;
  return {
    name: page(`${program}-name`, `https://${WEB.name}`, ALL),
    address: page(`${program}-address`, `http://${WEB.ipv4}`, ALL_PLAIN),
    ipv6: page(`${program}-ipv6`, `http://[${WEB.ipv6}]`, ALL_PLAIN),
  };
}

export const BROWSERS: readonly Client[] = [
  {
    name: 'Chromium',
    needs: { apt: ['chromium', 'curl'] },
    checks: browses(
      `chromium --proxy-server=socks5://${OPEN_PROXY.at} --headless --no-sandbox --user-data-dir="$PWD/profile" --ignore-certificate-errors`,
    ),
    notes: [
      'All options but the first are for the test. It cannot log in: admit it by address (`network`, `whitelist`).',
    ],
    seconds: 70,
  },
  {
    name: 'Firefox',
    needs: { apt: ['firefox-esr', 'libnss3-tools', 'curl'] },
    files: {
      'user.js': `user_pref("network.proxy.type", 1);
user_pref("network.proxy.socks", "${OPEN_PROXY.host}");
user_pref("network.proxy.socks_port", ${OPEN_PROXY.port});
user_pref("network.proxy.socks_version", 5);
user_pref("network.proxy.socks_remote_dns", true);
`,
    },
    setUp: [
      'mkdir profile && cp user.js profile && certutil -N -d sql:profile --empty-password',
      'certutil -A -n test -t C,, -i "$HOME/ca.pem" -d sql:profile',
    ].join('\n'),
    checks: browses('firefox-esr --headless --profile profile'),
    notes: [
      'The same in its settings: Manual proxy, SOCKS v5, "Proxy DNS when using SOCKS v5". It cannot log in, as Chromium.',
    ],
    seconds: 70,
  },
];
