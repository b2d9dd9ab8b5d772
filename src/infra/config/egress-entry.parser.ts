import { parseEgressRule } from '../http-client/egress-rule.js';
import type { ValueParser } from './value.parser.js';

/** A host or an address block that may be reached though private. */
export const egressEntry: ValueParser<string> = {
  expected: 'a host, an IP address or a CIDR, optionally with a port',
  parse: (raw) => {
    try {
      parseEgressRule(raw);
      return raw.trim();
    } catch {
      return undefined;
    }
  },
};
