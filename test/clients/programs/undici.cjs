// undici.cjs URL PROXY: Socks5ProxyAgent of undici.
const { Socks5ProxyAgent, fetch } = require('undici');

const [url, proxy] = process.argv.slice(2);
fetch(url, { dispatcher: new Socks5ProxyAgent(proxy) }).then(async (response) =>
  console.log(await response.text()),
);
