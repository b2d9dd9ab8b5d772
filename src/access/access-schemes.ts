/** Headers that a key may come in beside `Authorization`; each is the name of its scheme as well. */
const HEADERS = ['x-api-key', 'x-goog-api-key'];

const DESCRIPTION = 'A secret of AI_API_KEYS';

/** The part of the `DocumentBuilder` of `@nestjs/swagger` that is used, as a host application may do without that package. */
export interface SecuritySchemes {
  addBearerAuth(scheme: { type: 'http'; scheme: string; bearerFormat: string; description: string }): unknown;
  addApiKey(scheme: { type: 'apiKey'; in: string; name: string; description: string }, name: string): unknown;
}

/** Adds the ways in which a key can be sent, which our routes name, to the description of an application. */
export function addAccessSchemes<Builder extends SecuritySchemes>(builder: Builder): Builder {
  builder.addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'opaque', description: DESCRIPTION });
  for (const name of HEADERS) {
    builder.addApiKey({ type: 'apiKey', in: 'header', name, description: DESCRIPTION }, name);
  }
  return builder;
}
