import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import type { CircuitOutage } from '../../src/modules/ai-providers/interfaces/monitoring/circuit-outage.interface.js';
import { CircuitOutageRepository } from '../../src/modules/ai-providers/health/circuit-outage.repository.js';
import { RequestLogRepository } from '../../src/modules/ai-providers/ledger/request-log.repository.js';
import { CircuitOutageRecorder } from '../../src/modules/ai-providers/health/circuit-outage.recorder.js';
import { FakeClock } from '../fakes/fake-clock.js';
import { RecordingLogger } from './support/recording-logger.js';
import { entriesOf, requestEvent } from './support/request-event.fixture.js';
import { describeOnDatabases, type TestDatabase } from './support/test-database.js';
import { CIRCUIT_BREAKER_DEFAULTS } from '../../src/modules/ai-providers/services/circuit-breaker.service.js';
import { MemoryProviderStateStore } from '../../src/modules/ai-providers/resilience/state/provider-state.memory.store.js';

const NOON = Date.UTC(2026, 2, 10, 12);
const at = (seconds: number): Date => new Date(NOON + seconds * 1000);

describeOnDatabases('the outages of circuits', ({ open }) => {
  let place: TestDatabase;
  let outages: CircuitOutageRepository;

  beforeAll(async () => {
    place = await open();
    outages = new CircuitOutageRepository(place.database);
  }, 120_000);

  beforeEach(async () => {
    await place.database.client.aICircuitOutage.deleteMany();
  });

  afterAll(() => place.close());

  const opened = (providerId: string, from: number, until: number): CircuitOutage => ({
    id: uuid(),
    providerId,
    openedAt: at(from),
    openUntil: at(until),
  });

  it('count each moment once, whoever saw it, and none that is still to come', async () => {
    const first = opened('p', 0, 60);
    await outages.keep({ kind: 'open', outage: first });
    await outages.keep({ kind: 'open', outage: opened('p', 10, 70) });
    await outages.keep({ kind: 'open', outage: { ...first, openUntil: at(90) } });
    await outages.keep({ kind: 'open', outage: opened('p', 200, 260) });
    await outages.keep({ kind: 'open', outage: opened('q', 0, 5) });
    expect(await outages.openMs(at(30))).toEqual(
      new Map([
        ['p', 30_000],
        ['q', 5_000],
      ]),
    );
    expect((await outages.openMs(at(1_000))).get('p')).toBe(150_000);
  });

  it('end for everybody when the circuit is seen closed', async () => {
    await outages.keep({ kind: 'open', outage: opened('p', 0, 60) });
    await outages.keep({ kind: 'open', outage: opened('p', 5, 65) });
    await outages.keep({ kind: 'open', outage: opened('q', 5, 65) });
    await outages.keep({ kind: 'closed', providerId: 'p', at: at(20) });
    expect((await outages.unclosed(at(0))).map(({ providerId }) => providerId)).toEqual(['q']);
    expect((await outages.openMs(at(1_000))).get('p')).toBe(20_000);
    expect(await outages.unclosed(at(66))).toEqual([]);
  });

  it('wait, in order, for a database that is away', async () => {
    const clock = new FakeClock(NOON);
    const kept: string[] = [];
    let isAway = true;
    const repository = {
      keep: (change: Parameters<CircuitOutageRepository['keep']>[0]) => {
        if (isAway) return Promise.reject(new Error('away'));
        kept.push(change.kind);
        return outages.keep(change);
      },
    } as CircuitOutageRepository;
    const logger = new RecordingLogger();
    const recorder = new CircuitOutageRecorder(
      repository,
      clock,
      logger,
      new MemoryProviderStateStore(CIRCUIT_BREAKER_DEFAULTS, clock),
    );
    const change = { providerId: 'p', retryAfterMs: 60_000 } as const;
    recorder.circuitChanged({ ...change, from: 'CLOSED', to: 'OPEN' });
    await clock.advance(60_000);
    recorder.circuitChanged({ ...change, from: 'OPEN', to: 'HALF_OPEN', retryAfterMs: 0 });
    recorder.circuitChanged({ ...change, from: 'HALF_OPEN', to: 'OPEN' });
    isAway = false;
    await clock.advance(5_000);
    recorder.circuitChanged({ ...change, from: 'HALF_OPEN', to: 'CLOSED', retryAfterMs: 0 });
    await clock.advance(5_000);
    await recorder.flush();
    expect(kept).toEqual(['open', 'open', 'closed']);
    expect((await outages.openMs(at(1_000))).get('p')).toBe(65_000);
    expect(await place.database.client.aICircuitOutage.count()).toBe(1);
  });

  it('say how many requests found nobody to ask, by whom they skipped', async () => {
    const log = new RequestLogRepository(place.database);
    const lost = { attempts: [], code: 'NO_PROVIDER_AVAILABLE', endedAt: NOON } as const;
    const entries = entriesOf([
      requestEvent({ ...lost, skippedByCircuit: ['p', 'q'] }),
      requestEvent({ ...lost, skippedByCircuit: ['p'] }),
      requestEvent({ ...lost, skippedByCircuit: ['p'], endedAt: NOON + 60_000 }),
      requestEvent({ ...lost, code: 'CLIENT_CLOSED_REQUEST', skippedByCircuit: ['p'] }),
      requestEvent({ ...lost }),
    ]);
    await log.record(entries);
    await log.record(entries);
    expect(await outages.skips({ from: at(1), to: at(60) })).toEqual(
      new Map([
        ['p', 2],
        ['q', 1],
      ]),
    );
    expect((await outages.skips({ from: at(0), to: at(61) })).get('p')).toBe(3);
  });
});
