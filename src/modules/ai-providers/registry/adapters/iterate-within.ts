import { context, type Context } from '@opentelemetry/api';

/** Iterates with `within` as the active context in each step; leaving early ends the source within it too. */
export async function* iterateWithin<T>(
  within: Context,
  open: () => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const iterator = context.with(within, () => open()[Symbol.asyncIterator]());
  try {
    for (;;) {
      const next = await context.with(within, () => iterator.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await context.with(within, () => iterator.return?.());
  }
}
