import { readErrorBody } from './body/error-body.js';
import type { ErrorReading } from './body/error-reading.interface.js';
import type { HeaderBag } from './retry-after.js';

/**
 * An answer of a vendor that is not 2xx, whatever vendor it is. Never shown to anybody as it is: what it says may hold
 * secrets. Its fields have names of their own, so that no word of a vendor is taken for a code of the network.
 */
export class VendorRefusal extends Error {
  override readonly name = 'VendorRefusal';
  private read: ErrorReading | undefined;

  constructor(
    readonly status: number,
    readonly headers: HeaderBag,
    private readonly body: string,
  ) {
    super(`The provider answered ${status}.`);
  }

  /** What its body says, read once. */
  get said(): ErrorReading {
    this.read ??= readErrorBody(this.body);
    return this.read;
  }
}
