import type { JsonFields } from '../../../../interfaces/message.interface.js';
import { asObject } from '../../../wire/json-value.js';

/**
 * A form of ours with what its caller wrote beyond it, in the form itself and in the object under `inner`; what is ours stands before
 * what is not.
 */
export function withFields<Form extends object>(
  form: Form,
  inner: keyof Form & string,
  fields: JsonFields | undefined,
): Form {
  if (fields === undefined) return form;
  const within = asObject(fields[inner]);
  return { ...fields, ...form, ...(within && { [inner]: { ...within, ...asObject(form[inner]) } }) };
}
