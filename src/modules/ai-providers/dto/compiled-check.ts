import type { Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import {
  getMetadataStorage,
  IS_OPTIONAL,
  ValidationTypes,
  type ValidatorConstraintInterface,
} from 'class-validator';

type ValidationMetadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];

/** Whether a body, as it came off the wire, is of the form that its DTO describes. */
export type CompiledCheck = (body: object) => boolean;

type Condition = (object: object, value: unknown) => boolean;
type Rule = (value: unknown, object: object) => boolean;

interface FieldCheck {
  name: string;
  /** Whether it may be left out, whatever else there is. */
  optional: boolean;
  conditions: Condition[];
  rules: Rule[];
}

/** Made by `@ValidateIf` and `@IsOptional`, by `@Validate` and all its relatives, and by `@ValidateNested`. */
const KNOWN: readonly string[] = [
  ValidationTypes.CONDITIONAL_VALIDATION,
  ValidationTypes.CUSTOM_VALIDATION,
  ValidationTypes.NESTED_VALIDATION,
];

/**
 * Compiles what class-validator's decorators say of `dto` into one function, which takes a twentieth of the time of
 * `validate`: it copies nothing and says only yes or no. Whoever is told no asks class-validator what is wrong. A DTO
 * whose `@Transform` changes values is not for this.
 * @throws Error where a decorator is not one that it knows
 */
export function compileCheck(dto: Type<object>): CompiledCheck {
  const fields = fieldsOf(dto);
  const awaited = [...fields.values()].filter(({ optional }) => !optional);
  return (body) => {
    for (const name of Object.keys(body)) {
      const field = fields.get(name);
      if (field === undefined || !holds(field, body)) return false;
    }
    for (const field of awaited) if (!Object.hasOwn(body, field.name) && !holds(field, body)) return false;
    return true;
  };
}

function holds({ name, conditions, rules }: FieldCheck, body: object): boolean {
  const value = (body as Record<string, unknown>)[name];
  for (const condition of conditions) if (!condition(body, value)) return true;
  for (const rule of rules) if (!rule(value, body)) return false;
  return true;
}

function fieldsOf(dto: Type<object>): ReadonlyMap<string, FieldCheck> {
  const fields = new Map<string, FieldCheck>();
  for (const metadata of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false)) {
    const { propertyName: name, type, constraints } = metadata;
    if (!KNOWN.includes(type)) throw new Error(`${dto.name}.${name} is checked by the unknown ${type}`);
    const field = fields.get(name) ?? { name, optional: false, conditions: [], rules: [] };
    fields.set(name, field);
    if (metadata.name === IS_OPTIONAL) field.optional = true;
    if (type === ValidationTypes.CONDITIONAL_VALIDATION) field.conditions.push(constraints[0] as Condition);
    else if (type === ValidationTypes.NESTED_VALIDATION) field.rules.push(nestedRule(dto, name));
    else field.rules.push(...customRules(metadata));
  }
  return fields;
}

function customRules(metadata: ValidationMetadata): Rule[] {
  const { propertyName: property, constraints, constraintCls, each, validateIf } = metadata;
  if (validateIf !== undefined) throw new Error(`${property} is checked under a condition of its own`);
  return getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({ instance, async }) => {
      if (async) throw new Error(`${property} is checked asynchronously`);
      const validator: ValidatorConstraintInterface = instance;
      const holds = (value: unknown, object: object): boolean =>
        validator.validate(value, { targetName: '', property, object, value, constraints }) === true;
      if (!each) return holds;
      return (value, object) =>
        Array.isArray(value) ? value.every((item) => holds(item, object)) : holds(value, object);
    });
}

/** The objects of a list, each by its own DTO, which class-transformer alone knows. */
function nestedRule(dto: Type<object>, name: string): Rule {
  const sample = plainToInstance(dto, { [name]: [{}] }) as Record<string, unknown>;
  const [item] = Array.isArray(sample[name]) ? (sample[name] as unknown[]) : [];
  const itemDto = (item as object | undefined)?.constructor as Type<object> | undefined;
  if (itemDto === undefined || itemDto === Object) throw new Error(`${dto.name}.${name} names no type`);
  const check = compileCheck(itemDto);
  return (value) => Array.isArray(value) && value.every((one) => isFields(one) && check(one));
}

function isFields(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
