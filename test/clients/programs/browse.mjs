// node browse.mjs URL USER PASSWORD CHROMIUM...: a page in Chromium, and the login that a person would type where the proxy asks for it.
import { spawn } from 'node:child_process';

const [url, username, password, program, ...options] = process.argv.slice(2);
const pipes = ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'];
const browser = spawn(program, [...options, '--remote-debugging-pipe', 'about:blank'], { stdio: pipes });
const [, , , toBrowser, fromBrowser] = browser.stdio;
let lastId = 0;
const send = (method, params = {}, sessionId) =>
  toBrowser.write(`${JSON.stringify({ id: (lastId += 1), method, params, sessionId })}\0`);

function hear({ method, params, sessionId }) {
  if (method === 'Target.attachedToTarget' && params.targetInfo.type === 'page') {
    send('Fetch.enable', { handleAuthRequests: true }, params.sessionId);
    send('Page.navigate', { url }, params.sessionId);
  }
  if (method === 'Fetch.requestPaused')
    send('Fetch.continueRequest', { requestId: params.requestId }, sessionId);
  if (method === 'Fetch.authRequired') {
    const { source, origin, realm } = params.authChallenge;
    console.error(`asked for a login by the ${source} ${origin}, "${realm}"`);
    const authChallengeResponse = { response: 'ProvideCredentials', username, password };
    send('Fetch.continueWithAuth', { requestId: params.requestId, authChallengeResponse }, sessionId);
  }
}

let heard = '';
fromBrowser.on('data', (bytes) => {
  const messages = (heard + bytes).split('\0');
  heard = messages.pop();
  for (const message of messages) hear(JSON.parse(message));
});
send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: true });
process.on('SIGTERM', () => browser.kill());
browser.on('exit', () => process.exit());
