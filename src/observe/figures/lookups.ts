// A resolver that counts the results of its look-ups, for the metrics.
import { Fault } from '../../base/fault.ts';
import type { Answer } from '../../net/dns/namesource.ts';
import type { Resolver } from '../../net/names/resolve.ts';

/** `tell` hears `found`, or the fault of a name that has no address. */
export function countingLookups(resolver: Resolver, tell: (result: string) => void): Resolver {
  return {
    completions: (name) => resolver.completions(name),
    lookup: (name, client, objection) => {
      const found = resolver.lookup(name, client, objection);
      const { ipv4, ipv6 } = found;
      if (ipv4 instanceof Promise || ipv6 instanceof Promise)
        void Promise.all([ipv4, ipv6]).then((answers) => tell(resultOf(answers)));
      else tell(resultOf([ipv4, ipv6]));
      return found;
    },
    reverse: (ip, client) => resolver.reverse(ip, client),
    close: () => resolver.close(),
  };
}

function resultOf(answers: readonly Answer[]): string {
  if (answers.some((answer) => !(answer instanceof Fault) && answer.length > 0)) return 'found';
  const fault = answers.find((answer) => answer instanceof Fault);
  return fault?.code ?? 'NAME_NOT_FOUND';
}
