import { Injectable } from '@nestjs/common';
import { metrics, type Histogram } from '@opentelemetry/api';
import { Telemetry } from '../../../infra/telemetry/telemetry.js';
import type { AttemptRecord, RequestEvent } from '../interfaces/request-event.interface.js';
import { CHAT, GEN_AI, providerNameOf } from '../registry/adapters/gen-ai.attributes.js';
import type { RequestListener } from '../interfaces/request-listener.interface.js';
import { EndedRequests } from '../ledger/ended-requests.js';

/** Boundaries that the conventions ask for, there in seconds and in tokens. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

interface Instruments {
  duration: Histogram;
  firstChunk: Histogram;
  tokens: Histogram;
}

/**
 * What calls to vendors took, by OpenTelemetry's conventions for generative AI:
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md
 */
@Injectable()
export class GenAIMetrics implements RequestListener {
  private readonly instruments: Instruments | null;

  constructor(telemetry: Telemetry, ended: EndedRequests) {
    this.instruments = telemetry.isOn ? makeInstruments() : null;
    if (telemetry.isOn) ended.addListener(this);
  }

  requestEnded({ attempts, cached }: RequestEvent): void {
    if (this.instruments === null || cached) return;
    for (const attempt of attempts) note(this.instruments, attempt);
  }
}

function makeInstruments(): Instruments {
  const meter = metrics.getMeter('ai-providers');
  const histogram = (name: string, unit: string, description: string, boundaries: number[]): Histogram =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: boundaries } });
  return {
    duration: histogram('gen_ai.client.operation.duration', 's', 'How long a call to a vendor took', SECONDS),
    firstChunk: histogram(
      'gen_ai.client.operation.time_to_first_chunk',
      's',
      'From a call to the first content of its stream',
      SECONDS,
    ),
    tokens: histogram('gen_ai.client.token.usage', '{token}', 'Tokens of a call', TOKENS),
  };
}

function note(
  { duration, firstChunk, tokens }: Instruments,
  { providerType, model, outcome, latency, timeToFirstToken, usage }: AttemptRecord,
): void {
  const about = {
    [GEN_AI.operation]: CHAT,
    [GEN_AI.provider]: providerNameOf(providerType),
    [GEN_AI.requestModel]: model,
  };
  duration.record(latency / 1_000, {
    ...about,
    ...(outcome !== 'success' && { [GEN_AI.errorType]: outcome }),
  });
  if (timeToFirstToken !== null) firstChunk.record(timeToFirstToken / 1_000, about);
  // A count that is not known is not reported, never as 0.
  if (usage.promptTokens !== null)
    tokens.record(usage.promptTokens, { ...about, [GEN_AI.tokenType]: 'input' });
  if (usage.completionTokens !== null)
    tokens.record(usage.completionTokens, { ...about, [GEN_AI.tokenType]: 'output' });
}
