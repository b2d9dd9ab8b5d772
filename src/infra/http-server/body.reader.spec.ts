import { BodyBudget } from './body.reader.js';

const MEGABYTE = 1_048_576;

describe('BodyBudget', () => {
  it('lets a body weigh what is asked for where the memory is large, and less where it is small', () => {
    expect(new BodyBudget(10 * MEGABYTE, 512 * MEGABYTE).limitBytes).toBe(10 * MEGABYTE);
    expect(new BodyBudget(100 * MEGABYTE, 512 * MEGABYTE).limitBytes).toBe(32 * MEGABYTE);
    expect(new BodyBudget(10 * MEGABYTE, 64 * MEGABYTE).limitBytes).toBe(4 * MEGABYTE);
  });

  it('has no room for more than fits beside one another, until some is given back', () => {
    const budget = new BodyBudget(10 * MEGABYTE, 512 * MEGABYTE);
    expect(budget.take(64 * MEGABYTE)).toBe(true);
    expect(budget.take(1)).toBe(false);
    budget.giveBack(MEGABYTE);
    expect(budget.take(MEGABYTE)).toBe(true);
  });
});
