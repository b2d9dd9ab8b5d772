import {
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { quoted } from '../../errors/field-problem.js';
import type { ReasoningEffort } from '../../interfaces/completion.interface.js';

type Fields = Record<string, unknown>;

export const EFFORTS: readonly ReasoningEffort[] = [
  'none',
  'minimal',
  'low',
  'medium',
  'high',
  'xhigh',
  'max',
];

const MAX_TOP_LOGPROBS = 20;
const VENDORS: readonly string[] = ['openai', 'anthropic', 'google'];

/** Fields of a vendor's request that the service itself decides. */
const OWN_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['openai', ['model', 'messages', 'stream', 'n']],
  ['anthropic', ['model', 'messages', 'stream']],
  ['google', ['model', 'contents']],
]);

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Yes, no, or how many alternatives. */
@ValidatorConstraint({ name: 'isLogprobs' })
export class IsLogprobs implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (typeof value === 'boolean') return true;
    return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_TOP_LOGPROBS;
  }

  defaultMessage(): string {
    return `logprobs must be true, false or a whole number from 0 to ${MAX_TOP_LOGPROBS}`;
  }
}

/** An effort, a budget, or that it is not handed out. */
@ValidatorConstraint({ name: 'isReasoning' })
export class IsReasoning implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (!isFields(value)) return false;
    const { effort, maxTokens, exclude, ...others } = value;
    return (
      Object.keys(others).length === 0 &&
      (effort === undefined || EFFORTS.includes(effort as ReasoningEffort)) &&
      (maxTokens === undefined || (Number.isSafeInteger(maxTokens) && Number(maxTokens) >= 1)) &&
      (exclude === undefined || typeof exclude === 'boolean')
    );
  }

  defaultMessage(): string {
    return `reasoning must be { effort?: ${EFFORTS.join(' | ')}, maxTokens?: a whole number from 1, exclude?: true | false }`;
  }
}

/** Fields by vendor. */
@ValidatorConstraint({ name: 'isProviderOptions' })
export class IsProviderOptions implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (!isFields(value)) return false;
    return optionProblem(value) === undefined;
  }

  defaultMessage({ value }: ValidationArguments): string {
    const { path, problem } = (isFields(value) ? optionProblem(value) : undefined) ?? {
      path: '',
      problem: 'must be { openai?, anthropic?, google? }',
    };
    return `providerOptions${path} ${problem}`;
  }
}

/** What is first wrong with the fields by vendor, and where below `providerOptions`. */
export function optionProblem(options: Fields): { path: string; problem: string } | undefined {
  for (const [vendor, fields] of Object.entries(options)) {
    const path = `.${quoted(vendor)}`;
    if (!VENDORS.includes(vendor)) return { path, problem: 'is not one of openai, anthropic and google' };
    if (!isFields(fields)) return { path, problem: 'must be an object' };
    const own = OWN_FIELDS.get(vendor)?.find((name) => Object.hasOwn(fields, name));
    if (own !== undefined) return { path: `${path}.${own}`, problem: 'is for the service to decide' };
  }
  return undefined;
}

/** What a vendor wants back, in the form in which it is handed out. */
@ValidatorConstraint({ name: 'isProviderData' })
export class IsProviderData implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (!isFields(value)) return false;
    const { openai, anthropic, google, ...others } = value;
    return (
      Object.keys(others).length === 0 &&
      (openai === undefined || isFields(openai)) &&
      (anthropic === undefined || holdsList(anthropic, 'content')) &&
      (google === undefined || holdsList(google, 'parts'))
    );
  }

  defaultMessage(): string {
    return 'providerData must be { openai?: { … }, anthropic?: { content: [ … ] }, google?: { parts: [ … ] } }';
  }
}

function holdsList(value: unknown, name: string): boolean {
  const list = isFields(value) ? value[name] : undefined;
  return Array.isArray(list) && list.length > 0 && list.every(isFields);
}
