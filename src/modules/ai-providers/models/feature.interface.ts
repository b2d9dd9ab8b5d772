/** Something a request may ask for that not every provider has. */
export type Feature = 'images' | 'audio' | 'files' | 'tools' | 'json_schema';
