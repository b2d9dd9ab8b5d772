import { SecretMask } from '../../../../infra/logging/secret-mask.js';
import { internalFault, ProviderError } from '../../errors/provider.error.js';
import type { SecretText } from '../../interfaces/ai-provider.interface.js';
import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';
import { publicError } from './public-message.js';
import { transportFault } from './transport-fault.js';
import { VendorRefusal } from './vendor-refusal.js';

/** Visible ASCII: what a header value may hold without quoting (RFC 9110 §5.5), and what keys are made of. */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

interface CallFailureOptions {
  apiKey: SecretText | null;
  /** Secrets that are blanked in what a vendor says, the key among them. */
  secrets: readonly SecretText[];
  /** The vendor's own reading of an answer that is not 2xx. */
  toError(refusal: VendorRefusal): ProviderError;
}

/** Makes a `ProviderError` without a secret in its text of whatever goes wrong in one provider's calls. */
export class CallFailures {
  private readonly keyIsUsable: boolean;
  /** Made at the first failure. */
  private mask: SecretMask | undefined;

  constructor(private readonly options: CallFailureOptions) {
    const { apiKey } = options;
    this.keyIsUsable = apiKey === null || HEADER_SAFE.test(apiKey.reveal());
  }

  /** @throws the signal's reason where it is aborted, ProviderError where the key cannot be sent. */
  assertReady(signal: CancelSignal): void {
    if (signal.aborted) throw signal.reason;
    // The platform's own error about a bad header value would quote the key.
    if (!this.keyIsUsable)
      throw new ProviderError('authentication', 'The key cannot be sent in an HTTP header.');
  }

  of(error: unknown, signal: CancelSignal): ProviderError {
    if (signal.aborted)
      return new ProviderError('aborted', 'The call was aborted.', { cause: signal.reason });
    const known = this.recognise(error);
    this.mask ??= new SecretMask(this.options.secrets.map((secret) => secret.reveal()));
    return publicError(known, this.mask);
  }

  /** By the class of what was thrown, and not by words that a vendor may have put into it. */
  private recognise(error: unknown): ProviderError {
    if (error instanceof ProviderError) return error;
    if (error instanceof VendorRefusal) return this.options.toError(error);
    return transportFault(error) ?? internalFault(error);
  }
}
