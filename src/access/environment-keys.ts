import type { AccessKey } from './access-key.value.js';
import type { Principal, PrincipalSource } from './principal.interface.js';

/** The access keys of `AI_API_KEYS`. A name is a key's for as long as the process runs, and so is its id; none has a team. */
export class EnvironmentKeys implements PrincipalSource {
  private readonly principals: ReadonlyMap<string, Principal>;

  constructor(keys: readonly AccessKey[]) {
    this.principals = new Map(
      keys.map(({ name, role, secretSha256 }) => [secretSha256, { id: name, name, role, team: null }]),
    );
  }

  get isEmpty(): boolean {
    return this.principals.size === 0;
  }

  find(secretSha256: string): Principal | undefined {
    return this.principals.get(secretSha256);
  }
}
