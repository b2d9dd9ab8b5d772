import { readFile } from 'node:fs/promises';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall, status } from '../fakes/upstream/upstream-script.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const KEYS = 'ops:admin:admin-secret-0001,eye:monitor:monitor-secret-0001,app:client:client-secret-0001';
const as = (who: string): Record<string, string> => ({ authorization: `Bearer ${who}-secret-0001` });

/** One line of the exposition: name, labels in their order, value. */
const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/;

describe('numbers for Prometheus', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([
      RunningService.start({ AI_API_KEYS: KEYS }),
      FakeUpstream.start(),
    ]);
    Object.assign(service.headers, as('admin'));
  }, 90_000);

  afterAll(() => Promise.all([service.stop(), upstream.stop()]));

  async function scrape(): Promise<{
    text: string;
    value: (name: string, labels?: string) => number | undefined;
  }> {
    const { status: code, headers, text } = await service.call('GET', '/metrics', undefined, as('monitor'));
    expect(code).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const values = new Map(
      text.split('\n').flatMap((line) => {
        const [, name, labels = '', value] = LINE.exec(line) ?? [];
        return name === undefined ? [] : [[`${name} ${labels}`, Number(value)] as const];
      }),
    );
    return { text, value: (name, labels = '') => values.get(`${name} ${labels}`) };
  }

  it('are the monitor’s and the admin’s', async () => {
    for (const [who, expected] of [
      ['admin', 200],
      ['monitor', 200],
      ['client', 403],
    ] as const)
      expect((await service.call('GET', '/metrics', undefined, as(who))).status).toBe(expected);
    expect((await service.call('GET', '/metrics', undefined, { authorization: '' })).status).toBe(401);
  });

  it('count what was asked, answered and used, without a word of the caller’s as a label', async () => {
    const provider = await registerProvider(service, upstream, {
      name: 'Quoted "one" of two',
      retryAttempts: 2,
      pricing: { inputTokenCost: 0.5, outputTokenCost: 1, currency: 'EUR' },
    });
    const labels = `provider="Quoted \\"one\\" of two",provider_id="${provider.id}",type="OPENAI"`;
    upstream.default({ text: 'A fine answer', chunks: 3, usage: { prompt: 100, completion: 20 } });
    upstream.next(status(503));
    const body = {
      prompt: 'Hi',
      cache: false,
      user: 'a-caller-s-word',
      metadata: { team: 'a-caller-s-word' },
    };
    await service.call('POST', '/ai-providers/complete', body);
    const streamed = await service.call('POST', '/ai-providers/complete', { ...body, stream: true });
    expect(streamed.text).toContain('[DONE]');
    upstream.next(status(400));
    await service.call('POST', '/ai-providers/complete', body);

    const { text, value } = await scrape();
    const plain = 'streamed="false",cached="false"';
    expect(value('ai_providers_requests_total', `code="ok",${plain}`)).toBe(1);
    expect(value('ai_providers_requests_total', 'code="ok",streamed="true",cached="false"')).toBe(1);
    expect(value('ai_providers_requests_total', `code="UPSTREAM_REJECTED_REQUEST",${plain}`)).toBe(1);
    expect(value('ai_providers_request_duration_seconds_count', plain)).toBe(1);
    expect(value('ai_providers_request_overhead_seconds_count')).toBe(2);
    expect(value('ai_providers_attempts_total', `${labels},outcome="success"`)).toBe(2);
    expect(value('ai_providers_attempts_total', `${labels},outcome="server_error"`)).toBe(1);
    expect(value('ai_providers_attempts_total', `${labels},outcome="invalid_request"`)).toBe(1);
    expect(value('ai_providers_time_to_first_token_seconds_count', labels)).toBe(1);
    expect(value('ai_providers_attempt_duration_seconds_bucket', `${labels},le="+Inf"`)).toBe(2);
    expect(value('ai_providers_tokens_total', `${labels},kind="prompt"`)).toBe(200);
    expect(value('ai_providers_tokens_total', `${labels},kind="completion"`)).toBe(40);
    expect(value('ai_providers_cost_total', `${labels},currency="EUR"`)).toBeCloseTo(0.14, 12);
    expect(value('ai_providers_circuit_state', `${labels},state="CLOSED"`)).toBe(1);
    expect(value('ai_providers_queue_depth')).toBe(0);
    expect(value('ai_providers_journal_lost_total')).toBe(0);
    expect(text).toContain('# TYPE ai_providers_journal_lost_total counter');
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(text).not.toContain('a-caller-s-word');
    expect(text).not.toContain('sk-test');
  });

  it('say how many requests are being answered, and forget the circuit of a provider that is gone', async () => {
    const { id } = await registerProvider(service, upstream, { name: 'Slow', model: 'slow' });
    upstream.next(stall());
    const asked = service.call('POST', '/ai-providers/complete', {
      prompt: 'Hi',
      providerId: id,
      timeout: 2_000,
    });
    await upstream.arrival(upstream.calls.length + 1);
    expect((await scrape()).value('ai_providers_requests_in_flight')).toBe(1);
    expect((await scrape()).text).toContain(`provider_id="${id}",type="OPENAI",state="OPEN"`);
    await asked;
    await service.call('DELETE', `/ai-providers/${id}`);
    const { text, value } = await scrape();
    expect(value('ai_providers_requests_in_flight')).toBe(0);
    expect(text).not.toContain(`provider_id="${id}",type="OPENAI",state=`);
  });

  it.each(['ai-providers.dashboard.json', 'ai-providers.rules.yml'])(
    'hold every series of %s',
    async (file) => {
      const source = await readFile(new URL(`../../docs/grafana/${file}`, import.meta.url), 'utf8');
      const used = new Set(source.match(/\b(ai_providers|nodejs)_\w+/g));
      expect(used.size).toBeGreaterThan(4);
      const { text } = await scrape();
      const described = text.match(/^# TYPE (\w+)/gm)?.map((line) => line.slice('# TYPE '.length)) ?? [];
      for (const name of used) expect(described).toContain(name.replace(/_bucket$/, ''));
    },
  );
});
