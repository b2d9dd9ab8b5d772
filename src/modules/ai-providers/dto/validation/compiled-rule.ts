import {
  getMetadataStorage,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import type { ProblemList } from '../../errors/field-problem.js';

export type ValidationMetadata = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];

/** One thing that a value must be. */
export interface Rule {
  holds(value: unknown, object: object): boolean;
  /** Adds what is wrong with a value that the rule does not hold for. */
  explain(value: unknown, object: object, path: string, list: ProblemList): void;
}

/** The rules of `@Validate` and all its relatives. @throws Error where one is not a function of the value alone */
export function customRules(metadata: ValidationMetadata): Rule[] {
  const { propertyName: property, constraints, constraintCls, each, validateIf } = metadata;
  if (validateIf !== undefined) throw new Error(`${property} is checked under a condition of its own`);
  return getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({ instance, async }) => {
      if (async) throw new Error(`${property} is checked asynchronously`);
      const validator: ValidatorConstraintInterface = instance;
      const argumentsOf = (value: unknown, object: object): ValidationArguments => ({
        targetName: '',
        property,
        object,
        value,
        constraints,
      });
      const rule: Rule = {
        holds: (value, object) => validator.validate(value, argumentsOf(value, object)) === true,
        explain: (value, object, path, list) => {
          const given = argumentsOf(value, object);
          list.add(path, sentenceOf(metadata.message ?? validator.defaultMessage?.(given), given, path));
        },
      };
      return each ? forEach(rule) : rule;
    });
}

/** A rule for every item of a list; what is no list is an item itself. */
function forEach(rule: Rule): Rule {
  return {
    holds: (value, object) =>
      Array.isArray(value) ? value.every((item) => rule.holds(item, object)) : rule.holds(value, object),
    explain: (value, object, path, list) => {
      if (!Array.isArray(value)) return rule.explain(value, object, path, list);
      const index = value.findIndex((item) => !rule.holds(item, object));
      rule.explain(value[index], object, `${path}.${index}`, list);
    },
  };
}

/** class-validator's message, with the field by its path. */
function sentenceOf(
  message: ValidationMetadata['message'],
  given: ValidationArguments,
  path: string,
): string {
  const { property, constraints } = given;
  const template = typeof message === 'function' ? message(given) : message;
  const text = template
    .replace(/^each value in /, '')
    .replace(/\$constraint([1-9])/g, (_, number: string) => String(constraints[Number(number) - 1]))
    .replaceAll('$property', property);
  return text.startsWith(property) ? path + text.slice(property.length) : `${path}: ${text}`;
}
