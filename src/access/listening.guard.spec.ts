import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../infra/config/config.error.js';
import { assertSafeToListen } from './listening.guard.js';
import { loadConfig } from '../app-config.js';

const listen = (env: NodeJS.ProcessEnv) => (): void => {
  assertSafeToListen(loadConfig(env));
};

describe('assertSafeToListen', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', 'localhost', 'LOCALHOST'])(
    'lets a service without access keys listen on %s',
    (HOST) => {
      expect(listen({ HOST })).not.toThrow();
    },
  );

  it.each(['0.0.0.0', '::', '10.0.0.1', '::ffff:10.0.0.1', 'localhost.example.com', '128.0.0.1'])(
    'refuses %s without access keys, naming AI_API_KEYS',
    (HOST) => {
      expect(listen({ HOST })).toThrow(ConfigError);
      expect(listen({ HOST })).toThrow(/^AI_API_KEYS: /);
    },
  );

  it('lets any address be listened on with an access key, or when anonymous use is allowed', () => {
    expect(listen({ HOST: '0.0.0.0', AI_API_KEYS: 'a:admin:secret-0123456789' })).not.toThrow();
    expect(listen({ HOST: '0.0.0.0', AI_ALLOW_ANONYMOUS: 'true' })).not.toThrow();
  });
});
