import type { DocumentBuilder } from '@nestjs/swagger';

/** Headers that a key may come in beside `Authorization`; each is the name of its scheme as well. */
const HEADERS = ['x-api-key', 'x-goog-api-key'];

const DESCRIPTION = 'A secret of AI_API_KEYS';

/** Adds the ways in which a key can be sent, which our routes name, to the description of an application. */
export function addAccessSchemes(builder: DocumentBuilder): DocumentBuilder {
  builder.addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'opaque', description: DESCRIPTION });
  for (const name of HEADERS) {
    builder.addApiKey({ type: 'apiKey', in: 'header', name, description: DESCRIPTION }, name);
  }
  return builder;
}
