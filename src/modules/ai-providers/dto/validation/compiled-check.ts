import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, IS_OPTIONAL, ValidationTypes } from 'class-validator';
import { ProblemList, quoted } from '../../errors/field-problem.js';
import type { FieldProblem } from '../../interfaces/field-problem.interface.js';
import { customRules, type Rule, type ValidationMetadata } from './compiled-rule.js';

/** What class-validator's decorators say of a DTO, as functions over a body as it came off the wire. */
export interface CompiledCheck {
  /** Whether the body is of the form. */
  holds(body: object): boolean;
  /** What is wrong with it, one problem a field at most; the search ends when there are as many as an answer names. */
  problemsOf(body: object): readonly FieldProblem[];
}

type Condition = (object: object, value: unknown) => boolean;

interface FieldCheck {
  name: string;
  /** Whether it may be left out, whatever else there is. */
  optional: boolean;
  conditions: Condition[];
  rules: Rule[];
  /** For what is in the value. Asked last, when the rules have said that a list is not too long. */
  inner: Rule[];
}

/** Made by `@ValidateIf` and `@IsOptional`, by `@Validate` and all its relatives, and by `@ValidateNested`. */
const KNOWN: readonly string[] = [
  ValidationTypes.CONDITIONAL_VALIDATION,
  ValidationTypes.CUSTOM_VALIDATION,
  ValidationTypes.NESTED_VALIDATION,
];

/**
 * Compiles what class-validator's decorators say of `dto`. The check copies nothing and looks at the body's own fields
 * alone, and it stops at as many problems as an answer names, so that an invalid body costs no more than a valid one.
 * class-transformer's `plainToInstance` with `validateSync` in its place costs a plain completion 94 µs of CPU more (25 %;
 * median of 20 interleaved rounds of 2,500 requests, dearer in 19 of them). A DTO whose `@Transform` changes values cannot be
 * compiled.
 * @throws Error where a decorator is not one that it knows
 */
export function compileCheck(dto: Type<object>): CompiledCheck {
  const fields = fieldsOf(dto);
  const awaited = [...fields.values()].filter(({ optional }) => !optional);
  return {
    holds: (body) => {
      for (const name of Object.keys(body)) {
        const field = fields.get(name);
        if (field === undefined || failing(field, body, valueAt(body, name)) !== undefined) return false;
      }
      for (const field of awaited) {
        if (!Object.hasOwn(body, field.name) && failing(field, body, undefined) !== undefined) return false;
      }
      return true;
    },
    problemsOf: (body) => {
      const list = new ProblemList();
      explainFields(fields, body, '', list);
      return list.found;
    },
  };
}

type FieldChecks = ReadonlyMap<string, FieldCheck>;

function explainFields(fields: FieldChecks, body: object, path: string, list: ProblemList): void {
  for (const name of Object.keys(body)) {
    if (list.isFull) return;
    if (!fields.has(name)) {
      const unknown = `${path}${quoted(name)}`;
      list.add(unknown, `${unknown} is not a known field`);
    }
  }
  for (const field of fields.values()) {
    if (list.isFull) return;
    const value = Object.hasOwn(body, field.name) ? valueAt(body, field.name) : undefined;
    failing(field, body, value)?.explain(value, body, path + field.name, list);
  }
}

/** The first rule that does not hold. */
function failing(field: FieldCheck, body: object, value: unknown): Rule | undefined {
  for (const condition of field.conditions) if (!condition(body, value)) return undefined;
  for (const rule of field.rules) if (!rule.holds(value, body)) return rule;
  for (const rule of field.inner) if (!rule.holds(value, body)) return rule;
  return undefined;
}

/** A field that the body is known to have. */
function valueAt(body: object, name: string): unknown {
  return (body as Record<string, unknown>)[name];
}

function fieldsOf(dto: Type<object>): FieldChecks {
  const fields = new Map<string, FieldCheck>();
  for (const metadata of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)) {
    const { propertyName: name, type, constraints } = metadata;
    if (!KNOWN.includes(type)) throw new Error(`${dto.name}.${name} is checked by the unknown ${type}`);
    const field = fields.get(name) ?? { name, optional: false, conditions: [], rules: [], inner: [] };
    fields.set(name, field);
    if (metadata.name === IS_OPTIONAL) field.optional = true;
    if (type === ValidationTypes.CONDITIONAL_VALIDATION) field.conditions.push(constraints[0] as Condition);
    else if (type === ValidationTypes.NESTED_VALIDATION) field.inner.push(nestedRule(dto, metadata));
    else (metadata.each ? field.inner : field.rules).push(...customRules(metadata));
  }
  return fields;
}

/** An object, or with `each` the objects of a list, by their own DTO, which class-transformer alone knows. */
function nestedRule(dto: Type<object>, { propertyName: name, each }: ValidationMetadata): Rule {
  const sample = plainToInstance(dto, { [name]: [{}] }) as Record<string, unknown>;
  const [item] = Array.isArray(sample[name]) ? (sample[name] as unknown[]) : [];
  const itemDto = (item as object | undefined)?.constructor as Type<object> | undefined;
  if (itemDto === undefined || itemDto === Object) throw new Error(`${dto.name}.${name} names no type`);
  const fields = fieldsOf(itemDto);
  const check = compileCheck(itemDto);
  const one: Rule = {
    holds: (value) => isFields(value) && check.holds(value),
    explain: (value, _object, path, list) => {
      if (isFields(value)) explainFields(fields, value, `${path}.`, list);
      else list.add(path, `${path} must be an object`);
    },
  };
  if (!each) return one;
  return {
    holds: (value, object) => Array.isArray(value) && value.every((each) => one.holds(each, object)),
    explain: (value, object, path, list) => {
      if (!Array.isArray(value)) return list.add(path, `${path} must be an array`);
      for (const [index, each] of value.entries()) {
        if (list.isFull) return;
        if (!one.holds(each, object)) one.explain(each, object, `${path}.${index}`, list);
      }
    },
  };
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
