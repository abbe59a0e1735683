// Directories that are asked about users: their settings, files and package, as far as they can be judged without a question.
import { readFileSync } from 'node:fs';
import { Ldap } from '../../auth/sources/ldap.ts';
import { readFilter, type FilterTemplate, type Ldapts } from '../../auth/sources/ldapnames.ts';
import type { LoginSource, SourceLog } from '../../auth/sources/source.ts';
import { monotonicMs } from '../../base/clock.ts';
import type { AskedSource, Config } from '../../config/model/config.ts';
import { formatOrigin } from '../../config/values/problem.ts';
import { systemReason } from '../../config/values/systemreason.ts';
import { EXIT, StartFailure } from '../unix/exit.ts';

type LdapSource = AskedSource & { format: 'ldap' };

/** Rejects with StartFailure. */
export async function openLdap(source: LdapSource, config: Config, log: SourceLog): Promise<LoginSource> {
  const { servers, text: name, origin } = source;
  const fail = (why: string): StartFailure =>
    new StartFailure(EXIT.CONFIG, `auth = ${name} at ${formatOrigin(origin)}: ${why}`);
  const { ldapBase: base, ldapGroup, ldapCa } = config;
  if (base === undefined) throw fail('ldap-base has to say where users are searched');
  const ldapts = await load(fail);
  const filterOf = (keyword: string, text: string): FilterTemplate => {
    try {
      return readFilter(text, ldapts);
    } catch (error) {
      throw fail(
        `${keyword} = ${text} is no filter: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  const userFilter = filterOf('ldap-user-filter', config.ldapUserFilter);
  if (userFilter.nameAttribute === undefined)
    throw fail(
      `ldap-user-filter = ${config.ldapUserFilter} finds the same entry for everybody: write %u for the name`,
    );
  const isClear = servers.some(({ isSecure, host }) => !isSecure && !LOOPBACK.test(host));
  if (isClear && !config.ldapStartTls)
    log.said(name, 'passwords travel to it in clear text: use ldaps:// or ldap-starttls = yes');
  const plan = {
    name,
    servers,
    base,
    userFilter,
    groups: ldapGroup === undefined ? undefined : groupsOf(ldapGroup, filterOf),
    account: accountOf(config, fail),
    startTls: config.ldapStartTls,
    ca: ldapCa === undefined ? undefined : read(ldapCa, fail),
    // All servers are tried within the time of one question.
    timeoutMs: Math.max(1, Math.floor(config.authTimeoutMs / servers.length)),
  };
  return new Ldap(plan, ldapts, log, monotonicMs);
}

const LOOPBACK = /^(?:127\.|::1$|localhost$)/;

type Fail = (why: string) => StartFailure;

async function load(fail: Fail): Promise<Ldapts> {
  try {
    return await import('ldapts');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw fail(
      `the package ldapts is not there (${why}); npm install ldapts@8.2 where picosocks5 is installed`,
    );
  }
}

function groupsOf(
  text: string,
  filterOf: (keyword: string, text: string) => FilterTemplate,
): { readonly attribute: string } | { readonly filter: FilterTemplate } {
  return text.startsWith('(') ? { filter: filterOf('ldap-group', text) } : { attribute: text };
}

function accountOf(
  { ldapBind: dn, ldapPasswordFile: file }: Config,
  fail: Fail,
): { readonly dn: string; readonly password: string } | undefined {
  if (dn === undefined && file === undefined) return undefined;
  if (dn === undefined || file === undefined)
    throw fail('ldap-bind and ldap-password-file say nothing without each other');
  const [password = ''] = read(file, fail).split(/\r?\n/);
  if (password === '') throw fail(`${file} has no password in its first line`);
  return { dn, password };
}

function read(file: string, fail: Fail): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fail(`cannot read ${file}: ${systemReason(error)}`);
  }
}
