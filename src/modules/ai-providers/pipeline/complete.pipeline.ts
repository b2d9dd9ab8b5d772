import type { ProviderAnswer } from '../interfaces/ai-adapter.interface.js';
import type {
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
} from '../interfaces/completion.interface.js';
import { AnswerSeat } from './answer-seat.js';
import { RequestRun } from './request-run.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';
import { usageOfAnswer } from './usage-account.js';

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
  let seat: AnswerSeat | undefined;
  try {
    const taken = run.takeSeat();
    seat = taken instanceof AnswerSeat ? taken : await taken;
    const response = seat.answer ? run.repeat(seat.answer) : await ask(deps, run);
    seat.land(response);
    await run.end(null);
    return response;
  } catch (error) {
    seat?.fail(error);
    throw await run.fail(error);
  }
}

async function ask(deps: PipelineDependencies, run: RequestRun): Promise<CompletionResponse> {
  const { scope, value: answer } = await run.walk.open<ProviderAnswer>((scope) =>
    deps.adapters.adapterFor(scope.provider).complete(scope.call, scope.signal),
  );
  const usage = usageOfAnswer(answer.usage, scope.call, answer.content, deps.tokens);
  run.walk.succeed(scope, usage);
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
