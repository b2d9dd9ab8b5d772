import {
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';

import { argumentsText } from './turn-forms.js';

type Fields = Record<string, unknown>;

/** Whether a field was given; null counts as left out. */
export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0;
}

function hasOnly(fields: Fields, allowed: readonly string[]): boolean {
  return Object.keys(fields).every((key) => allowed.includes(key));
}

/** A prompt is a text, and stands alone: with messages beside it, or with neither, the request is unclear. */
@ValidatorConstraint({ name: 'isPromptAlone' })
export class IsPromptAlone implements ValidatorConstraintInterface {
  validate(prompt: unknown, { object }: ValidationArguments): boolean {
    return isText(prompt) && !isPresent((object as Fields)['messages']);
  }

  defaultMessage({ value, object }: ValidationArguments): string {
    if (isPresent((object as Fields)['messages'])) return 'prompt and messages must not be given together';
    if (!isPresent(value)) return 'prompt or messages must be given';
    return 'prompt must be a non-empty string';
  }
}

/** `false`, or for how many seconds. */
@ValidatorConstraint({ name: 'isCacheOption' })
export class IsCacheOption implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (value === false) return true;
    return (
      isFields(value) &&
      hasOnly(value, ['ttl']) &&
      Number.isInteger(value['ttl']) &&
      Number(value['ttl']) >= 1
    );
  }

  defaultMessage(): string {
    return 'cache must be false or { "ttl": seconds }, seconds a whole number from 1';
  }
}

/** At most 64 texts by name. */
@ValidatorConstraint({ name: 'isStringMap' })
export class IsStringMap implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (!isFields(value)) return false;
    const entries = Object.entries(value);
    return entries.length <= 64 && entries.every(([key, text]) => key.length <= 64 && isShortText(text));
  }

  defaultMessage(): string {
    return 'metadata must be an object of at most 64 strings, names up to 64 and values up to 1024 characters';
  }
}

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 1024;
}

/** Text, or a list of parts. An assistant's turn, and a tool's result, may go without: so do answers that are handed back. */
@ValidatorConstraint({ name: 'isContent' })
export class IsContent implements ValidatorConstraintInterface {
  validate(value: unknown, { object }: ValidationArguments): boolean {
    const { role } = object as Fields;
    const mayBeEmpty = role === 'assistant' || role === 'tool';
    if (mayBeEmpty && (!isPresent(value) || (Array.isArray(value) && value.length === 0))) return true;
    return (
      typeof value === 'string' || (Array.isArray(value) && value.length > 0 && value.every(isContentPart))
    );
  }

  defaultMessage(): string {
    return 'content must be a string or an array of parts of type text, image, file or audio';
  }
}

function isContentPart(part: unknown): boolean {
  if (!isFields(part)) return false;
  switch (part['type']) {
    case 'text':
      return typeof part['text'] === 'string' && hasOnly(part, ['type', 'text']);
    case 'file':
      return (
        isMediaSource(part['source']) &&
        hasOnly(part, ['type', 'source', 'name']) &&
        isOptionalText(part['name'])
      );
    case 'image':
    case 'audio':
      return isMediaSource(part['source']) && hasOnly(part, ['type', 'source']);
    default:
      return false;
  }
}

function isOptionalText(value: unknown): boolean {
  return !isPresent(value) || isText(value);
}

function isMediaSource(source: unknown): boolean {
  if (!isFields(source)) return false;
  if (isText(source['url'])) return hasOnly(source, ['url']) && /^https?:\/\//i.test(source['url']);
  return isText(source['data']) && isText(source['mediaType']) && hasOnly(source, ['data', 'mediaType']);
}

/** What an assistant asked for in an earlier turn. */
@ValidatorConstraint({ name: 'isToolCalls' })
export class IsToolCalls implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return Array.isArray(value) && value.every((call) => isFields(call) && isToolCall(call));
  }

  defaultMessage(): string {
    return 'toolCalls must be an array of { id, name, arguments }, the arguments a JSON object or its text';
  }
}

function isToolCall(call: Fields): boolean {
  return isText(call['id']) && isText(call['name']) && argumentsText(call['arguments']) !== undefined;
}

/** A mode, or the one tool to call. */
@ValidatorConstraint({ name: 'isToolChoice' })
export class IsToolChoice implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (typeof value === 'string') return ['auto', 'none', 'required'].includes(value);
    return isFields(value) && isText(value['name']) && hasOnly(value, ['name']);
  }

  defaultMessage(): string {
    return 'toolChoice must be auto, none, required or { "name": a tool }';
  }
}

/** Text, any JSON, or JSON of a schema. */
@ValidatorConstraint({ name: 'isResponseFormat' })
export class IsResponseFormat implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (!isFields(value)) return false;
    if (value['type'] === 'text' || value['type'] === 'json') return hasOnly(value, ['type']);
    if (value['type'] !== 'json_schema' || !isFields(value['schema'])) return false;
    return hasOnly(value, ['type', 'name', 'schema', 'strict']) && isOptionalText(value['name']);
  }

  defaultMessage(): string {
    return 'responseFormat must be { "type": "text" | "json" } or { "type": "json_schema", "schema": { … } }';
  }
}
