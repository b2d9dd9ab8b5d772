import type { TokenPrices } from '../interfaces/ai-provider.interface.js';
import { Money } from './money.js';

/** Prices are per this many tokens. */
const PRICED_TOKENS = 1000;

/** Tokens by what they cost: each token stands in one of these. */
export interface Buckets<Count> {
  input: Count;
  read: Count;
  written: Count;
  writtenForAnHour: Count;
  output: Count;
}

/** What the tokens of a request cost, in units of one decimal place. */
export interface Spent {
  input: number | bigint;
  read: number | bigint;
  written: number | bigint;
  output: number | bigint;
  total: number | bigint;
  /** How many places behind the point the unit stands. */
  decimals: number;
}

/** The prices of one token as whole numbers of a unit that all of them share. */
interface UnitPrices {
  decimals: number;
  exact: Buckets<bigint>;
  /** The same for arithmetic that is quick; a product that a double does not hold is computed by `exact`. */
  near: Buckets<number>;
}

/** Reading numbers as decimals costs more than the arithmetic, and prices live for many requests. */
const known = new WeakMap<TokenPrices, UnitPrices>();

/** Exact. @param tokens whole numbers */
export function spend(tokens: Buckets<number>, prices: TokenPrices): Spent {
  let units = known.get(prices);
  if (units === undefined) {
    units = unitPricesOf(prices);
    known.set(prices, units);
  }
  const { near, decimals } = units;
  const input = tokens.input * near.input;
  const read = tokens.read * near.read;
  const written = tokens.written * near.written + tokens.writtenForAnHour * near.writtenForAnHour;
  const output = tokens.output * near.output;
  const total = input + read + written + output;
  return Number.isSafeInteger(total)
    ? { input, read, written, output, total, decimals }
    : spendExactly(tokens, units);
}

/** So many units as `Decimal.toFixed` writes them. */
export function decimalText(units: number | bigint, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(units).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

function spendExactly(tokens: Buckets<number>, { exact, decimals }: UnitPrices): Spent {
  const input = BigInt(tokens.input) * exact.input;
  const read = BigInt(tokens.read) * exact.read;
  const written =
    BigInt(tokens.written) * exact.written + BigInt(tokens.writtenForAnHour) * exact.writtenForAnHour;
  const output = BigInt(tokens.output) * exact.output;
  return { input, read, written, output, total: input + read + written + output, decimals };
}

function unitPricesOf(prices: TokenPrices): UnitPrices {
  const { inputTokenCost: input, outputTokenCost: output, cacheWriteTokenCost: written = input } = prices;
  const { cachedInputTokenCost: read = input, cacheWrite1hTokenCost: writtenForAnHour = written } = prices;
  const amounts = [input, read, written, writtenForAnHour, output].map((price) =>
    new Money(price).div(PRICED_TOKENS),
  );
  const decimals = Math.max(...amounts.map((amount) => amount.decimalPlaces()));
  const scale = new Money(10).pow(decimals);
  const units = amounts.map((amount) => BigInt(amount.mul(scale).toFixed()));
  const [a = 0n, b = 0n, c = 0n, d = 0n, e = 0n] = units;
  const exact = { input: a, read: b, written: c, writtenForAnHour: d, output: e };
  return {
    decimals,
    exact,
    near: {
      input: Number(a),
      read: Number(b),
      written: Number(c),
      writtenForAnHour: Number(d),
      output: Number(e),
    },
  };
}
