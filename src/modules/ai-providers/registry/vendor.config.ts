import * as z from 'zod/mini';
import { text, type Value } from '../../../infra/config/value.schemas.js';
import { optionalSecret, variable, type Setting } from '../../../infra/config/variable.js';
import { Secret } from '../../../infra/crypto/secret.js';

const keyText = text('a key of visible ASCII characters without spaces', /^[\x21-\x7e]+$/u);
const vendorKey: Value<Secret, string> = {
  expected: keyText.expected,
  schema: z.pipe(
    keyText.schema,
    z.transform((key: string) => new Secret(key)),
  ),
};
const modelName = text("a model's name", /^\S{1,200}$/u);

/** A vendor's variables, and the default provider that they make. */
interface Vendor {
  readonly keyVariable: string;
  readonly modelVariable: string;
  /** As in "an OpenAI provider". */
  readonly named: string;
  readonly name: string;
  readonly type: 'OPENAI' | 'ANTHROPIC' | 'GOOGLE';
  readonly model: string;
}

/**
 * The default models are stable ones that take a caller's `temperature`. Anthropic's from Opus 4.7 and Sonnet 5 on refuse
 * it (https://platform.claude.com/docs/models/sonnet-5/migration-guide); OpenAI's
 * GPT-5.4 takes it at its default reasoning effort, `none`
 * (https://developers.openai.com/api/docs/guides/latest-model#gpt-54-parameter-compatibility); Google's are listed at
 * https://ai.google.dev/gemini-api/docs/models.
 */
const VENDORS = {
  openai: {
    keyVariable: 'OPENAI_API_KEY',
    modelVariable: 'OPENAI_MODEL',
    named: 'OpenAI',
    name: 'OpenAI',
    type: 'OPENAI',
    model: 'gpt-5.4-mini',
  },
  anthropic: {
    keyVariable: 'ANTHROPIC_API_KEY',
    modelVariable: 'ANTHROPIC_MODEL',
    named: 'Anthropic',
    name: 'Anthropic',
    type: 'ANTHROPIC',
    model: 'claude-haiku-4-5',
  },
  google: {
    keyVariable: 'GOOGLE_AI_API_KEY',
    modelVariable: 'GOOGLE_AI_MODEL',
    named: 'Google',
    name: 'Google AI',
    type: 'GOOGLE',
    model: 'gemini-3.5-flash',
  },
} as const satisfies Record<string, Vendor>;

/** The providers that the environment asks to be registered once. */
export const vendorConfig = z.strictObject({
  openai: vendorSection(VENDORS.openai),
  anthropic: vendorSection(VENDORS.anthropic),
  google: vendorSection(VENDORS.google),
});
export type VendorConfig = Readonly<z.output<typeof vendorConfig>>;

function vendorSection({
  keyVariable,
  modelVariable,
  named,
  model,
}: Vendor): z.ZodMiniObject<
  { apiKey: Setting<Secret | undefined, string>; model: Setting<string> },
  z.core.$strict
> {
  const article = /^[AO]/.test(named) ? 'an' : 'a';
  return z.strictObject({
    apiKey: optionalSecret(
      keyVariable,
      vendorKey,
      `Registers ${article} ${named} provider once; every ${named} provider without a key of its own uses it.`,
    ),
    model: variable(modelVariable, modelName, model, `Model of that ${named} provider.`),
  });
}

/** A provider that the environment asks to be registered once. */
export interface DefaultProvider {
  /** Where it comes from, such as `env:OPENAI_API_KEY`: the mark by which "once" is known. */
  readonly origin: string;
  readonly name: string;
  readonly type: 'OPENAI' | 'ANTHROPIC' | 'GOOGLE';
  readonly apiKey: Secret;
  readonly model: string;
}

/** A default provider for each vendor whose key is set. */
export function defaultProvidersOf(config: VendorConfig): DefaultProvider[] {
  return (['openai', 'anthropic', 'google'] as const).flatMap((vendor) => {
    const { apiKey, model } = config[vendor];
    const { keyVariable, name, type } = VENDORS[vendor];
    return apiKey === undefined ? [] : [{ origin: `env:${keyVariable}`, name, type, apiKey, model }];
  });
}
