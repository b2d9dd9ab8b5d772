import * as z from 'zod/mini';
import { text } from '../config/value.schemas.js';
import { variable } from '../config/variable.js';

/** The folder of what this machine keeps. */
export const dataDirectoryConfig = z.strictObject({
  dataDir: variable(
    'AI_DATA_DIR',
    text('a path'),
    '.data',
    'Folder of the embedded database, the generated key and the journal.',
  ),
});
export type DataDirectoryConfig = Readonly<z.output<typeof dataDirectoryConfig>>;
