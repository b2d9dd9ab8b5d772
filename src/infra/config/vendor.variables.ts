import { egressEntry } from './egress-entry.parser.js';
import { list, listOfLength, ofLength, text } from './value.parser.js';
import { open, optionalSecret, secret } from './variable.js';

/** What a key is derived from may be longer than what AES takes: the derivation uses all of it. */
const KEY_LENGTH = { min: 32, max: 64 } as const;
const IV_LENGTH = { min: 16, max: 64 } as const;

const vendorKey = text('a key of visible ASCII characters without spaces', /^[\x21-\x7e]+$/u);
const modelName = text("a model's name", /^\S{1,200}$/u);

/**
 * The keys that are stored and the providers that the environment registers.
 *
 * The default models are stable ones that take a caller's `temperature`. Anthropic's from Opus 4.7 and Sonnet 5 on refuse
 * it (https://platform.claude.com/docs/models/sonnet-5/migration-guide); OpenAI's
 * GPT-5.4 takes it at its default reasoning effort, `none`
 * (https://developers.openai.com/api/docs/guides/latest-model#gpt-54-parameter-compatibility); Google's are listed at
 * https://ai.google.dev/gemini-api/docs/models.
 */
export const VENDOR_VARIABLES = {
  AI_ENCRYPTION_KEY: optionalSecret(
    'encryption.key',
    ofLength(KEY_LENGTH),
    '32 to 64 characters that encrypt the stored API keys; required in production, else generated into AI_DATA_DIR.',
  ),
  AI_ENCRYPTION_IV: optionalSecret(
    'encryption.iv',
    ofLength(IV_LENGTH),
    '16 to 64 characters, set together with AI_ENCRYPTION_KEY and kept when it changes.',
  ),
  AI_ENCRYPTION_KEY_PREVIOUS: secret(
    'encryption.previous',
    listOfLength(KEY_LENGTH),
    [],
    'Earlier encryption keys, comma-separated: they still decrypt; npm run keys:rotate re-encrypts.',
  ),
  OPENAI_API_KEY: optionalSecret(
    'defaultProviders.openai.apiKey',
    vendorKey,
    'Registers an OpenAI provider once; every OpenAI provider without a key of its own uses it.',
  ),
  OPENAI_MODEL: open(
    'defaultProviders.openai.model',
    modelName,
    'gpt-5.4-mini',
    'Model of that OpenAI provider.',
  ),
  ANTHROPIC_API_KEY: optionalSecret(
    'defaultProviders.anthropic.apiKey',
    vendorKey,
    'Registers an Anthropic provider once; every Anthropic provider without a key of its own uses it.',
  ),
  ANTHROPIC_MODEL: open(
    'defaultProviders.anthropic.model',
    modelName,
    'claude-haiku-4-5',
    'Model of that Anthropic provider.',
  ),
  GOOGLE_AI_API_KEY: optionalSecret(
    'defaultProviders.google.apiKey',
    vendorKey,
    'Registers a Google provider once; every Google provider without a key of its own uses it.',
  ),
  GOOGLE_AI_MODEL: open(
    'defaultProviders.google.model',
    modelName,
    'gemini-3.5-flash',
    'Model of that Google provider.',
  ),
  AI_EGRESS_ALLOW: open(
    'egressAllow',
    list(egressEntry),
    [],
    'Private hosts or CIDRs, optionally with a port, that providers may be at in production; comma-separated.',
  ),
} as const;
