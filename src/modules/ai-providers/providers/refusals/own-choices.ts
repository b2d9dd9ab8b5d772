import { NOTHING_REFUSED } from '../../dialects/fit.js';
import type { Refused } from '../../dialects/fit.js';

/** How many models' refusals are kept: callers may name any model where they pin a provider. */
const MAX_MODELS = 256;

/** What each model of one provider refused of ours. */
export class OwnChoices {
  private readonly ofModel = new Map<string, Refused>();

  refusedBy(model: string): Refused {
    return this.ofModel.get(model) ?? NOTHING_REFUSED;
  }

  remember(model: string, refused: Refused): void {
    const [oldest] = this.ofModel.keys();
    if (oldest !== undefined && this.ofModel.size >= MAX_MODELS) this.ofModel.delete(oldest);
    this.ofModel.set(model, refused);
  }
}
