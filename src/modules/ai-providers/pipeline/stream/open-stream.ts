import { ProviderError } from '../../errors/provider.error.js';
import type { ProviderCall, StreamPart } from '../../interfaces/ai-adapter.interface.js';
import { SpliceMatcher } from '../../resilience/splice-matcher.js';
import type { AttemptScope } from '../attempt/attempt-scope.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import { bearsContent, WatchedStream } from './watched-stream.js';

/** A stream that has reached content, with the parts up to there. */
export interface OpenStream {
  stream: WatchedStream;
  held: readonly StreamPart[];
}

/** What to do with parts on their way; it throws `ProviderError` where the stream cannot be used. */
type PartFilter = (parts: readonly StreamPart[]) => readonly StreamPart[];

/**
 * Opens a stream and reads until it bears content or ends: the commit point. Until then every failure is that of an
 * attempt like any other.
 * @throws ProviderError
 */
export function openStream(deps: PipelineDependencies, scope: AttemptScope): Promise<OpenStream> {
  return readToContent(deps, scope, scope.call, (parts) => parts);
}

/**
 * Opens a stream that goes on where `delivered` stops. With `prefill` a provider that can is asked to continue the
 * partial answer, and asked again from the start if it refuses; a restart counts only where it agrees with `delivered`
 * character for character.
 * @throws ProviderError; `diverged` where the restarted answer is another one.
 */
export async function resumeStream(
  deps: PipelineDependencies,
  scope: AttemptScope,
  delivered: string,
): Promise<OpenStream> {
  if (deps.streamRecovery === 'prefill' && scope.provider.supportsPrefill) {
    try {
      return await readToContent(deps, scope, continuing(scope.call, delivered), (parts) => parts);
    } catch (error) {
      if (!(error instanceof ProviderError) || error.fault !== 'invalid_request') throw error;
    }
  }
  return readToContent(deps, scope, scope.call, beyond(delivered));
}

async function readToContent(
  deps: PipelineDependencies,
  scope: AttemptScope,
  call: ProviderCall,
  filter: PartFilter,
): Promise<OpenStream> {
  const stream = new WatchedStream(deps, scope, call);
  const held: StreamPart[] = [];
  try {
    for (;;) {
      held.push(...filter(await stream.pull()));
      if (held.some((part) => part.type === 'finish' || bearsContent(part))) return { stream, held };
    }
  } catch (error) {
    await stream.close();
    throw error;
  }
}

function continuing(call: ProviderCall, delivered: string): ProviderCall {
  return { ...call, messages: [...call.messages, { role: 'assistant', content: delivered }] };
}

/** Lets through what lies beyond `delivered`. Reasoning is not said twice; a tool call or a refusal makes it another answer. */
function beyond(delivered: string): PartFilter {
  const matcher = new SpliceMatcher(delivered);
  return (parts) =>
    parts.flatMap((part): StreamPart[] => {
      if (part.type === 'reasoning') return [];
      if (part.type === 'tool_call' || part.type === 'refusal') throw diverged();
      if (part.type !== 'text' && part.type !== 'finish') return [part];
      const step = part.type === 'text' ? matcher.feed(part.text) : matcher.end();
      if (step.diverged) throw diverged();
      if (part.type === 'finish') return [part];
      return step.text === '' ? [] : [{ type: 'text', text: step.text }];
    });
}

function diverged(): ProviderError {
  return new ProviderError('diverged', 'The restarted answer differs from what had already been sent');
}
