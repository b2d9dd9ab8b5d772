import type { SharedGate } from '../../src/modules/ai-providers/admission/admission.ports.js';

/** The shared gate of a service that shares nothing: one replica, or replicas without a common store. */
export const NOTHING_SHARED: SharedGate = {
  peek: () => null,
  enter: () => null,
  admit: () => null,
  refresh: () => Promise.resolve(),
};
