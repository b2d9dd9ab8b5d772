import { isCount, isNumber, isSoundPattern, isText } from './schema-values.js';

type Check = (value: unknown) => boolean;

export const FORMATS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries<readonly string[]>({
    string: ['date-time'],
    integer: ['int32', 'int64'],
    number: ['float', 'double'],
  }),
);

/** What any node may have, and what the value must be: none of it says anything of the values. */
export const ANNOTATIONS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['title', isText],
  ['description', isText],
  ['default', () => true],
]);

/** What a node of that type may have beside, where it means the same in JSON Schema and needs no conversion. */
export const BY_TYPE: ReadonlyMap<string, ReadonlyMap<string, Check>> = new Map(
  Object.entries<ReadonlyMap<string, Check>>({
    string: new Map<string, Check>([
      ['pattern', isSoundPattern],
      ['minLength', isCount],
      ['maxLength', isCount],
    ]),
    integer: new Map<string, Check>([
      ['minimum', isNumber],
      ['maximum', isNumber],
    ]),
    number: new Map<string, Check>([
      ['minimum', isNumber],
      ['maximum', isNumber],
    ]),
    boolean: new Map(),
    array: new Map<string, Check>([
      ['minItems', isCount],
      ['maxItems', isCount],
    ]),
    object: new Map<string, Check>([
      ['minProperties', isCount],
      ['maxProperties', isCount],
    ]),
  }),
);

/** Keywords that say nothing about the values and may be left out. */
export const SILENT: ReadonlySet<string> = new Set([
  '$schema',
  '$id',
  '$comment',
  'examples',
  'example',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
