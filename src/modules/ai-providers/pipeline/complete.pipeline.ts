import { answerText } from '../accounting/counted-text.js';
import type { ProviderAnswer } from '../interfaces/ai-adapter.interface.js';
import type {
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
} from '../interfaces/completion.interface.js';
import { AIError } from '../errors/ai.error.js';
import type { SingleFlight } from '../policies/cache/single-flight.js';
import { RequestRun } from './request-run.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';

/**
 * Gives a request's whole answer.
 * @throws AIError
 */
export async function runCompletion(
  deps: PipelineDependencies,
  request: CompletionRequest,
  context: CompletionContext,
): Promise<CompletionResponse> {
  const run = new RequestRun(deps, request, context, false);
  try {
    const decided = run.before();
    const { answer } = decided instanceof Promise ? await decided : decided;
    if (answer) return await ended(run, run.repeat(answer));
    const { singleFlight } = run.policies;
    return await (singleFlight ? lead(deps, run, singleFlight) : askAndStore(deps, run));
  } catch (error) {
    if (run.isHandedOver && error instanceof AIError) throw error.withAttempts(run.failover.attempts());
    throw await run.fail(error);
  }
}

/** Asks for all who ask the same meanwhile: when the caller leaves, the work goes on as long as somebody follows. */
function lead(
  deps: PipelineDependencies,
  run: RequestRun,
  singleFlight: SingleFlight,
): Promise<CompletionResponse> {
  const { deadline } = run;
  return new Promise((resolve, reject) => {
    deadline.goesOnWithout = (reason) => {
      if (reason.code === 'SHUTTING_DOWN' || !singleFlight.goesOn(() => deadline.abort(reason))) return false;
      run.callerLeft(reason);
      reject(reason);
      return true;
    };
    // Where the caller has left, only the request's own record says how it failed.
    askAndStore(deps, run).then(resolve, (error: unknown) => run.fail(error).then(reject, reject));
  });
}

async function askAndStore(deps: PipelineDependencies, run: RequestRun): Promise<CompletionResponse> {
  const response = await ask(deps, run);
  run.policies.after(response);
  return ended(run, response);
}

async function ended(run: RequestRun, response: CompletionResponse): Promise<CompletionResponse> {
  await run.end(null);
  return response;
}

async function ask(deps: PipelineDependencies, run: RequestRun): Promise<CompletionResponse> {
  const { scope, value: answer } = await run.failover.open<ProviderAnswer>((scope) =>
    deps.operation.send(deps.adapters.adapterFor(scope.provider), scope.call, scope.signal),
  );
  const counted = deps.operation.usageOf(answer.usage, scope.call, () => answerText(answer), deps.tokens);
  const usage = counted instanceof Promise ? await counted : counted;
  run.failover.succeed(scope, usage);
  if (answer.refused !== undefined) scope.refused = answer.refused;
  run.announce(scope);
  const response = run.response(scope, answer, usage, answer.content);
  if (answer.reasoning !== undefined && !scope.call.reasoning?.exclude) response.reasoning = answer.reasoning;
  if (answer.refusal !== undefined) response.refusal = answer.refusal;
  if (answer.toolCalls !== undefined) response.toolCalls = answer.toolCalls;
  if (answer.logprobs !== undefined) response.logprobs = answer.logprobs;
  if (answer.providerData !== undefined) response.providerData = answer.providerData;
  if (answer.openaiFields !== undefined) response.openaiFields = answer.openaiFields;
  return response;
}
