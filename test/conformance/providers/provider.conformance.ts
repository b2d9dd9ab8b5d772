import { describe } from '@jest/globals';
import { describeAnswers } from './answers.conformance.js';
import type { ConformanceVendor } from './bench.conformance.js';
import { describeFaults } from './faults.conformance.js';
import { describeLifetime } from './lifetime.conformance.js';

/** The suite that every vendor's adapter passes: what the port promises, over real sockets. */
export function describeProvider(name: string, vendor: ConformanceVendor): void {
  describe(`${name} adapter`, () => {
    describeAnswers(vendor);
    describeFaults(vendor);
    describeLifetime(vendor);
  });
}
