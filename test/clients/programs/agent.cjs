// agent.cjs URL PROXY: socks-proxy-agent with node:http.
const { get } = require('node:http');
const { SocksProxyAgent } = require('socks-proxy-agent');

const [url, proxy] = process.argv.slice(2);
get(url, { agent: new SocksProxyAgent(proxy) }, (response) => response.pipe(process.stdout));
