// The keywords of Dante 1.4: where a word ends that has a colon, and which settings are misspelt.

const PLAIN = new Set(
  (
    'internal external from to via port in log logoutput errorlog debug command protocol proxyprotocol method ' +
    'socksmethod clientmethod user group libwrap bandwidth redirect bounce hostid hostindex srchost compatibility ' +
    'extension clientcompatibility realm resolveprotocol connecttimeout iotimeout pamservicename maxfail badexpire'
  ).split(' '),
);

const FAMILIES =
  /^(?:internal|external|user|timeout|cpu|session|udp|libwrap|pam|gssapi|bsdauth|child|ldap|route|alarm)\../;

/** Whether Dante has a keyword `key`, or a family of them to which it may belong; `key` is in lower case. */
export function isKeyword(key: string): boolean {
  return PLAIN.has(key) || FAMILIES.test(key);
}
