import { parsed, type Value } from '../config/value.schemas.js';
import { parseEgressRule } from './egress-rule.js';

/** A host or an address block that may be reached though private. */
export const egressEntry: Value<string> = {
  expected: 'a host, an IP address or a CIDR, optionally with a port',
  schema: parsed((raw) => {
    try {
      parseEgressRule(raw);
      return raw.trim();
    } catch {
      return undefined;
    }
  }),
};
