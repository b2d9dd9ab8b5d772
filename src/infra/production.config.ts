import leven from 'leven';
import * as z from 'zod/mini';
import { parsed, type Value } from './config/value.schemas.js';
import { variable } from './config/variable.js';

/** So many letters may be wrong in a word that was meant to be `production`. */
const TYPING_ERRORS = 3;

/** A word that was meant to be `production` must not start a service without its safeguards. */
const environmentName: Value<boolean> = {
  expected: 'production, development, test or a word that is not nearly production',
  schema: parsed((raw) => {
    const word = raw.trim().toLowerCase();
    if (word === 'production') return true;
    const isNearly = /^(prd|prod|live)/.test(word) || leven(word, 'production') <= TYPING_ERRORS;
    return /^[\w-]+$/.test(word) && !isNearly ? false : undefined;
  }),
  write: (given) => {
    if (typeof given !== 'boolean') return given;
    return given ? 'production' : 'development';
  },
};

/** Whether the safeguards of production hold. */
export const productionConfig = z.strictObject({
  production: variable(
    'NODE_ENV',
    environmentName,
    false,
    '"production" makes the encryption key and safe egress mandatory.',
  ),
});
export type ProductionConfig = Readonly<z.output<typeof productionConfig>>;
