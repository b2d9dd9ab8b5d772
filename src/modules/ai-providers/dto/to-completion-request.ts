import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { CompletionRequestDto } from './completion.dto.js';

/** The request a checked body makes: a field that is null counts as left out. */
export function toCompletionRequest(dto: CompletionRequestDto): CompletionRequest {
  const request: Record<string, unknown> = {};
  for (const name of Object.keys(dto)) {
    const value: unknown = dto[name as keyof CompletionRequestDto];
    if (value !== undefined && value !== null) request[name] = value;
  }
  return request as unknown as CompletionRequest;
}
