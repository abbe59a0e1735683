// fetch-socks.cjs URL PROXY [USER PASSWORD]: the fetch of undici with fetch-socks.
const { socksDispatcher } = require('fetch-socks');
const { fetch } = require('undici');

const [url, host, userId, password] = process.argv.slice(2);
const dispatcher = socksDispatcher({ type: 5, host, port: 1080, userId, password });
fetch(url, { dispatcher }).then(async (response) => console.log(await response.text()));
