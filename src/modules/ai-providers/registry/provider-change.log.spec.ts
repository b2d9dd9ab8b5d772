import { beforeEach, describe, expect, it } from '@jest/globals';
import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { createLogger } from '../../../infra/logging/create-logger.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { ProviderChangeLog } from './provider-change.log.js';
import { ProviderDirectory } from './provider-directory.js';

const FIRST = providerConfig('p1', { name: 'First', model: 'm1', revision: 1n });

/** `FIRST` after a change of these fields. */
const changed = (more: Partial<AIProviderConfig>): AIProviderConfig => ({
  ...FIRST,
  revision: 2n,
  updatedAt: new Date(1),
  ...more,
});

describe('ProviderChangeLog', () => {
  let directory: ProviderDirectory;
  let lines: string[];

  beforeEach(async () => {
    directory = new ProviderDirectory();
    lines = [];
    const destination = { write: (line: string) => lines.push(line) };
    await directory.put(FIRST);
    new ProviderChangeLog(
      createLogger({ level: 'info', json: true, destination }),
      directory,
    ).onApplicationBootstrap();
  });

  /** What the log said, without what every line has. */
  const said = (): object[] =>
    lines.map((line) => {
      const { level, time, pid, hostname, ...rest } = JSON.parse(line) as Record<string, unknown>;
      expect([level, typeof time, typeof pid, typeof hostname]).toEqual([
        'info',
        'string',
        'number',
        'string',
      ]);
      return rest;
    });

  it('says nothing of the providers that were there at the start', () => {
    expect(lines).toEqual([]);
  });

  it('says who was registered', async () => {
    await directory.put(
      providerConfig('p2', { name: 'Second', type: 'CUSTOM', model: 'm2', isActive: false }),
    );
    expect(said()).toEqual([
      {
        msg: 'Provider registered',
        providerId: 'p2',
        name: 'Second',
        type: 'CUSTOM',
        model: 'm2',
        isActive: false,
      },
    ]);
  });

  it('names the fields that changed and none of their values', async () => {
    await directory.put(
      changed({
        model: 'm-hush',
        stopSequences: ['hush'],
        apiKey: { reveal: () => 'sk-hush' },
        apiKeyHint: '…hush',
        headers: [{ name: 'x-hush', value: { reveal: () => 'hush' } }],
        headerNames: ['x-hush'],
      }),
    );
    expect(said()).toEqual([
      {
        msg: 'Provider changed',
        providerId: 'p1',
        name: 'First',
        changed: expect.arrayContaining(['model', 'stopSequences', 'apiKeyHint', 'headerNames']),
      },
    ]);
    expect(lines.join('')).not.toContain('hush');
  });

  it('names no field that says the same in other objects', async () => {
    await directory.put(changed({ name: 'Renamed', headerNames: [], createdAt: new Date(0) }));
    expect(said()).toEqual([
      { msg: 'Provider changed', providerId: 'p1', name: 'Renamed', changed: ['name'] },
    ]);
  });

  it('says nothing where the same row was read again', async () => {
    await directory.replace([{ ...FIRST }], directory.everyone());
    expect(lines).toEqual([]);
  });

  it('says who was removed', async () => {
    await directory.remove('p1');
    expect(said()).toEqual([{ msg: 'Provider removed', providerId: 'p1', name: 'First' }]);
  });
});
