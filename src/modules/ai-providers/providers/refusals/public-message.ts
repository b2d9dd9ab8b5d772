import type { SecretMask } from '../../../../infra/logging/secret-mask.js';
import { redactText } from '../../../../infra/logging/secret.redactor.js';
import type { ProviderError } from '../../errors/provider.error.js';

/** Longest message of a vendor that is passed on, in characters. Our number: their real ones stay below it. */
export const MAX_MESSAGE_CHARS = 500;

/**
 * The text on one line, without the secrets and what looks like a key, cut at 500 characters. Redacted before it is cut, so
 * that no half of a key stays.
 */
export function redact(text: string, secrets: SecretMask): string {
  const line = redactText(secrets.apply(text)).replace(/\s+/g, ' ').trim();
  return line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS - 1)}…` : line;
}

/** The error with all that a vendor put into it made fit to be shown. */
export function publicError(error: ProviderError, secrets: SecretMask): ProviderError {
  error.message = redact(error.message, secrets);
  if (error.vendorCode !== undefined) error.vendorCode = redact(error.vendorCode, secrets);
  return error;
}
