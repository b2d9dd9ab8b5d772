import { Decimal } from 'decimal.js';

/** Wide enough that a price of 17 digits times any count of tokens, added up, is never rounded. */
export const Money = Decimal.clone({ precision: 100 });

/** A text of so many characters is a number that a double holds to the last digit. */
const EXACT_CHARACTERS = 15;

/** Adds up exact decimal texts, exactly: as whole numbers of each decimal place while a double holds them. */
export class MoneySum {
  /** By the number of decimal places. */
  private readonly units: number[] = [];
  private rest: Decimal | undefined;

  /** @param amount as `Decimal.toFixed` writes it */
  add(amount: string): void {
    const point = amount.indexOf('.');
    const decimals = point < 0 ? 0 : amount.length - point - 1;
    const digits = point < 0 ? amount : amount.slice(0, point) + amount.slice(point + 1);
    const sum = (this.units[decimals] ?? 0) + Number(digits);
    if (amount.length <= EXACT_CHARACTERS && Number.isSafeInteger(sum)) {
      while (this.units.length < decimals) this.units.push(0);
      this.units[decimals] = sum;
    } else this.rest = (this.rest ?? new Money(0)).add(amount);
  }

  /** The sum in exact decimal text. */
  toFixed(): string {
    let sum = this.rest;
    this.units.forEach((units, decimals) => {
      if (units > 0) sum = new Money(units).div(10 ** decimals).add(sum ?? 0);
    });
    return sum?.toFixed() ?? '0';
  }
}
