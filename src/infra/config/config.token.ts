/**
 * Token under which Nest injects the configuration. A class that injects it names the sections that it reads, as
 * `{ cache: CacheConfig }`, and so knows of no other.
 */
export const APP_CONFIG = Symbol('AppConfig');
