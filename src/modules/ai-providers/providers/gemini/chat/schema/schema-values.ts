/** A text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A list of texts. */
export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

/** A number that JSON can hold. */
export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** A whole number from 0. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An expression that RE2 compiles too: it has neither lookaround nor back references. */
export function isSoundPattern(value: unknown): value is string {
  return isText(value) && !/\(\?<?[=!]|\\[1-9]|\\k</.test(value);
}

/** Whether a value is of the type, as JSON Schema has it. */
export function hasTypeFor(type: string, value: unknown): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
