import { Decimal } from 'decimal.js';
import { TokenEstimator } from '../../../src/infra/tokenizer/token-estimator.js';
import type { Pricing } from '../../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { AskedRequest } from '../../fakes/upstream/dialect.js';
import { FakeUpstream } from '../../fakes/upstream/fake-upstream.js';
import { status, type FakeUsage, type Script } from '../../fakes/upstream/upstream-script.js';

/** Money by what it is for. */
export interface Charges {
  input: Decimal;
  cachedInput: Decimal;
  cacheWrite: Decimal;
  output: Decimal;
}

/** Tokens of a prompt and of what was said to it. */
interface Tokens {
  prompt: number;
  completion: number;
}

/** What a vendor of these prices charges for one answer, reckoned as its price list says. */
export function chargesFor(usage: FakeUsage, pricing: Pricing): Charges {
  const { prompt, completion, cached = 0, cacheWrite = 0, cacheWrite1h = 0 } = usage;
  const [highest = pricing] = (pricing.tiers ?? [])
    .filter(({ abovePromptTokens }) => prompt > abovePromptTokens)
    .sort((one, other) => other.abovePromptTokens - one.abovePromptTokens);
  const { inputTokenCost, outputTokenCost } = highest;
  const { cachedInputTokenCost = inputTokenCost, cacheWriteTokenCost = inputTokenCost } = highest;
  const { cacheWrite1hTokenCost = cacheWriteTokenCost } = highest;
  const price = (tokens: number, cost: number): Decimal => new Decimal(cost).mul(tokens).div(1_000);
  return {
    input: price(prompt - cached - cacheWrite, inputTokenCost),
    cachedInput: price(cached, cachedInputTokenCost),
    cacheWrite: price(cacheWrite - cacheWrite1h, cacheWriteTokenCost).add(
      price(cacheWrite1h, cacheWrite1hTokenCost),
    ),
    output: price(completion, outputTokenCost),
  };
}

export function sumOf(charges: readonly Charges[]): Charges {
  const sum = (name: keyof Charges): Decimal =>
    charges.reduce((before, each) => before.add(each[name]), new Decimal(0));
  return {
    input: sum('input'),
    cachedInput: sum('cachedInput'),
    cacheWrite: sum('cacheWrite'),
    output: sum('output'),
  };
}

export function totalOf({ input, cachedInput, cacheWrite, output }: Charges): Decimal {
  return input.add(cachedInput).add(cacheWrite).add(output);
}

/** An upstream that remembers what it would charge: what it reported, and what it had sent when an answer broke off. */
export class BillingUpstream {
  private readonly scripts = new Map<string, Script[]>();
  /** Answers without usage, as they are counted. */
  private readonly unreported: FakeUsage[] = [];
  /** Reported for a model of which nobody named a price. */
  private readonly unpriced = new Set<FakeUsage>();
  /** What broke off: it is counted, but nobody knows whether it is charged for. */
  readonly uncharged: Tokens = { prompt: 0, completion: 0 };
  private readonly tokenizer = new TokenEstimator();

  private constructor(
    readonly upstream: FakeUpstream,
    readonly pricing: Pricing,
  ) {
    upstream.defaultBy((request) => this.scriptFor(request));
  }

  static async start(pricing: Pricing): Promise<BillingUpstream> {
    return new BillingUpstream(await FakeUpstream.start(), pricing);
  }

  /** How the tries with `prompt` are answered, in turn. */
  plan(prompt: string, ...scripts: Script[]): void {
    this.scripts.set(prompt, scripts);
  }

  /** Nothing is charged for an answer of that usage. */
  withoutPrice(usage: FakeUsage): void {
    this.unpriced.add(usage);
  }

  /** `text` was sent for `prompt`, and no usage with it; gives what that is counted as. */
  async sent(prompt: string, text: string): Promise<FakeUsage> {
    const usage = await this.count(prompt, text);
    this.unreported.push(usage);
    return usage;
  }

  /** `text` was sent for `prompt` before the answer broke off. */
  async brokeOff(prompt: string, text: string): Promise<void> {
    const tokens = await this.count(prompt, text);
    this.uncharged.prompt += tokens.prompt;
    this.uncharged.completion += tokens.completion;
  }

  get tokens(): Tokens & { cached: number; written: number } {
    const all = [...this.upstream.billed, ...this.unreported];
    const sum = (count: (usage: FakeUsage) => number | undefined): number =>
      all.reduce((before, usage) => before + (count(usage) ?? 0), 0);
    return {
      prompt: sum(({ prompt }) => prompt),
      completion: sum(({ completion }) => completion),
      cached: sum(({ cached }) => cached),
      written: sum(({ cacheWrite }) => cacheWrite),
    };
  }

  get charges(): Charges {
    const priced = this.upstream.billed.filter((usage) => !this.unpriced.has(usage));
    return sumOf([...priced, ...this.unreported].map((usage) => chargesFor(usage, this.pricing)));
  }

  private async count(prompt: string, text: string): Promise<Tokens> {
    const [asked, said] = await Promise.all([this.tokenizer.count(prompt), this.tokenizer.count(text)]);
    return { prompt: asked, completion: said };
  }

  private scriptFor({ rawBody }: AskedRequest): Script {
    const prompt = /bill-\d+-bill/.exec(rawBody)?.[0] ?? '';
    return this.scripts.get(prompt)?.shift() ?? status(500);
  }
}
