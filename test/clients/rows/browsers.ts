// Browsers without a window. The page has 50 parts and a WebSocket, and reports how much of it arrived; curl fetches the report.
import type { Check, Client } from '../client.ts';
import { LOGIN_PROXY, OPEN_PROXY, WEB } from '../place.ts';

/** Over TLS, HTTP/2 and its WebSocket, which takes a connection of its own. */
const ALL = /parts=50 socket=hello protocol=h2/;
const ALL_PLAIN = /parts=50 socket=hello protocol=http\/1\.1/;

/** The browser opens `origin/page?WHO`, and curl asks what it has reported. */
function page(browse: (url: string) => string, who: string, origin: string): Check {
  return {
    service: { line: browse(`'${origin}/page?${who}'`), ready: 'true' },
    line: `curl -sSk --globoff --proxy socks5h://${OPEN_PROXY.at} '${origin}/reported?from=${who}'`,
    isProbe: true,
    shows: origin.startsWith('https:') ? ALL : ALL_PLAIN,
  };
}

/** `browser` is typed with a URL behind it, which names who reports. */
function browses(browser: string, who = browser.split(' ')[0]!): Client['checks'] {
  const browse = (url: string): string => `${browser} ${url}`;
  return {
    name: page(browse, `${who}-name`, `https://${WEB.name}`),
    address: page(browse, `${who}-address`, `http://${WEB.ipv4}`),
    ipv6: page(browse, `${who}-ipv6`, `http://[${WEB.ipv6}]`),
  };
}

const CHROMIUM =
  'chromium --headless --no-sandbox --user-data-dir="$PWD/profile" --ignore-certificate-errors';

const FIREFOX = 'firefox-esr --headless --profile profile';
const FIREFOX_PROFILE = [
  'mkdir profile && cp user.js profile && certutil -N -d sql:profile --empty-password',
  'certutil -A -n test -t C,, -i "$HOME/ca.pem" -d sql:profile',
].join('\n');
/** Of its installation: it saves the login before it needs one, as a person has done who has ticked the box. */
const SAVED_LOGIN = `//
Services.obs.addObserver(() => {
  const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  login.init("moz-proxy://${LOGIN_PROXY.at}", null, "picosocks5", "alice", "secret", "", "");
  Services.logins.addLoginAsync(login);
}, "profile-after-change");
`;
const fromPac = (at: string): string => `user_pref("network.proxy.type", 2);
user_pref("network.proxy.autoconfig_url", "http://${at}/proxy.pac");
user_pref("signon.autologin.proxy", true);
`;

/** The file comes from the proxy itself. */
const pac = (at: string): string => `--proxy-pac-url=http://${at}/proxy.pac`;
/** It says `HTTPS` then. */
const tlsPac = (at: string): string => `--proxy-pac-url=https://${at}/proxy.pac`;

/** `browser` is Chromium, set to the proxy that asks for a login. */
function logsIn(browser: string, who: string): Check {
  const browse = (url: string): string => `node browse.mjs ${url} alice secret ${browser}`;
  return { ...page(browse, who, `https://${WEB.name}`), logs: /user=alice version=http/ };
}

/** It checks the certificate of the proxy, by the authorities of its user. */
const TRUSTING_CHROMIUM = CHROMIUM.replace(' --ignore-certificate-errors', '');
const TRUST_OF_USER = [
  'mkdir -p "$HOME/.pki/nssdb" && certutil -N -d "sql:$HOME/.pki/nssdb" --empty-password',
  'certutil -A -n test -t C,, -i "$HOME/ca.pem" -d "sql:$HOME/.pki/nssdb"',
].join('\n');

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
    name: 'Chromium, HTTP',
    needs: { apt: ['chromium', 'curl'] },
    programs: ['browse.mjs'],
    checks: {
      ...browses(`${CHROMIUM} ${pac(OPEN_PROXY.at)}`, 'chromium-http'),
      login: logsIn(`${CHROMIUM} ${pac(LOGIN_PROXY.at)}`, 'chromium-login'),
    },
    notes: [
      'With `pac = generated`; the last option is the one that counts. It asks a person for the password, which `browse.mjs` types here.',
    ],
    seconds: 70,
  },
  {
    name: 'Chromium, TLS to the proxy',
    needs: { apt: ['chromium', 'libnss3-tools', 'curl'] },
    programs: ['browse.mjs'],
    setUp: TRUST_OF_USER,
    checks: {
      ...browses(`${TRUSTING_CHROMIUM} ${tlsPac(OPEN_PROXY.tlsAt)}`, 'chromium-tls'),
      login: logsIn(`${TRUSTING_CHROMIUM} ${tlsPac(LOGIN_PROXY.tlsAt)}`, 'chromium-tls-login'),
    },
    notes: [
      `With \`listen = tls:${OPEN_PROXY.tlsAt}\`, a certificate for that address, and \`pac = generated\`: the file says \`HTTPS\`, and everything from the`,
      'browser to the proxy is in TLS. The certificate is checked; `certutil` adds its authority to those of the user.',
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
    setUp: FIREFOX_PROFILE,
    checks: browses(FIREFOX),
    notes: [
      'The same in its settings: Manual proxy, SOCKS v5, "Proxy DNS when using SOCKS v5". It cannot log in, as Chromium.',
    ],
    seconds: 70,
  },
  {
    name: 'Firefox, HTTP',
    needs: { apt: ['firefox-esr', 'libnss3-tools', 'curl'] },
    files: {
      'user.js': fromPac(OPEN_PROXY.at),
      'saved-login.js': `pref("general.config.filename", "saved-login.cfg");
pref("general.config.obscure_value", 0);
pref("general.config.sandbox_enabled", false);
`,
      'saved-login.cfg': SAVED_LOGIN,
    },
    setUp: `${FIREFOX_PROFILE}
cp saved-login.cfg /usr/lib/firefox-esr && cp saved-login.js /usr/lib/firefox-esr/defaults/pref`,
    checks: {
      ...browses(FIREFOX, 'firefox-http'),
      login: {
        ...page((url) => `${FIREFOX} ${url}`, 'firefox-login', `https://${WEB.name}`),
        files: { 'user.js': fromPac(LOGIN_PROXY.at) },
        logs: /user=alice version=http/,
      },
    },
    notes: [
      'The same in its settings: Automatic proxy configuration URL. With `pac = generated`. It asks a person for the password;',
      'here it has been saved before, by `saved-login.cfg`.',
    ],
    seconds: 70,
  },
];
