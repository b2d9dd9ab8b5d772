import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Money, MoneySum } from './money.js';

describe('MoneySum', () => {
  it('adds up exact decimal texts to the last digit, small ones and large', () => {
    const digits = (max: number): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: max });
    const amount = fc
      .tuple(digits(20), digits(25))
      .map(([whole, part]) => new Money(`0${whole}.0${part}`).toFixed());
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 40 }), (amounts) => {
        const sum = new MoneySum();
        amounts.forEach((one) => sum.add(one));
        expect(sum.toFixed()).toBe(amounts.reduce((all, one) => all.add(one), new Money(0)).toFixed());
      }),
    );
  });

  it('stays exact beyond what a double holds', () => {
    const sum = new MoneySum();
    for (let times = 0; times < 1_000; times += 1) sum.add('99999999999.999');
    expect(sum.toFixed()).toBe('99999999999999');
  });
});
