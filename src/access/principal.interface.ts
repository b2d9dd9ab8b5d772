import type { AccessRole } from './access-role.js';

/**
 * Who asks: a request is let in by its principal's role and counted for its principal. The access keys of the environment are the
 * first.
 */
export interface Principal {
  /** Never another principal's, also when it is renamed: what belongs to it is kept by this. */
  readonly id: string;
  /** As it stands in logs and statistics. */
  readonly name: string;
  readonly role: AccessRole;
  /** Null where it belongs to none. */
  readonly team: string | null;
}

/** Where principals are found by the secret that they show. */
export interface PrincipalSource {
  /** Whether there is any: without, callers are anonymous. */
  readonly isEmpty: boolean;
  /** The principal whose secret has this SHA-256, in lower-case hexadecimal; undefined where none of this source has it. */
  find(secretSha256: string): Principal | undefined;
}
