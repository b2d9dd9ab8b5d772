import { claudeSchemaProblem } from './claude-schema.rules.js';
import type { AskedRequest, Dialect } from './dialect.js';
import { geminiSchemaProblem } from './gemini-schema.rules.js';

type Fields = Record<string, unknown>;

/** What the real vendor would answer a request with under 400, in its words; undefined where it takes it. */
export function vendorProblem(dialect: Dialect['name'], { body, path }: AskedRequest): string | undefined {
  if (!isWhole(body)) return NOT_JSON[dialect];
  switch (dialect) {
    case 'openai':
      return openaiProblem(body);
    case 'anthropic':
      return anthropicProblem(body);
    case 'gemini':
      return geminiProblem(body, path);
  }
}

const NOT_JSON: Readonly<Record<Dialect['name'], string>> = {
  openai: 'Invalid body: lone leading surrogate in hex escape',
  anthropic: 'The request body is not valid JSON: no low surrogate in string: line 1 column 80 (char 79)',
  gemini: 'The input data is not valid json.',
};

function isWhole(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, held]) => key.isWellFormed() && isWhole(held));
}

/** Chat Completions; the model's name tells which further template or server it is. */
function openaiProblem({ messages, model }: Fields): string | undefined {
  const turns = fieldsOf(messages);
  let open: unknown[] = [];
  for (const [index, turn] of turns.entries()) {
    if (turn['role'] === 'tool') {
      if (!open.includes(turn['tool_call_id'])) {
        return "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      }
      open = open.filter((id) => id !== turn['tool_call_id']);
      continue;
    }
    if (open.length > 0) return unanswered(open);
    const calls = fieldsOf(turn['tool_calls']);
    open = calls.map(({ id }) => id);
    const long = open.find((id) => String(id).length > 40);
    if (long !== undefined)
      return `Invalid 'messages[${index}].tool_calls[0].id': string too long. Expected a string with maximum length 40`;
    if ((turn['content'] ?? '') === '' && calls.length === 0 && turn['audio'] === undefined)
      return `Invalid value for 'content': expected a string, got null.`;
    if (calls.some((call) => !isObjectText((call['function'] as Fields)['arguments'])))
      return 'Tool arguments must be a JSON object.';
  }
  return open.length > 0 ? unanswered(open) : templateProblem(turns, String(model));
}

function unanswered(ids: unknown[]): string {
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`;
}

function templateProblem(turns: Fields[], model: string): string | undefined {
  const ids = turns.flatMap((turn) => fieldsOf(turn['tool_calls']).map(({ id }) => String(id)));
  const foreign = ids.find((id) => !/^[a-zA-Z0-9]{9}$/.test(id));
  if (/mistral|nine-letters/.test(model) && foreign !== undefined) {
    return `Tool call id was ${foreign} but must be a-z, A-Z, 0-9, with a length of 9.`;
  }
  if (!model.includes('alternating')) return undefined;
  const spoken = turns.filter(({ role }) => role !== 'system' && role !== 'tool').map(({ role }) => role);
  const isOdd = spoken.some((role, index) => role !== (index % 2 === 0 ? 'user' : 'assistant'));
  const hasSystem = model.includes('no-system') && turns.some(({ role }) => role === 'system');
  return isOdd || hasSystem
    ? 'Conversation roles must alternate user/assistant/user/assistant/...'
    : undefined;
}

function anthropicProblem({ messages, model, output_config: config }: Fields): string | undefined {
  const turns = fieldsOf(messages);
  if (String(model).includes('user-first') && turns[0]?.['role'] !== 'user') {
    return 'messages: first message must use the "user" role';
  }
  const seen = new Set<unknown>();
  let open: unknown[] = [];
  for (const [index, { role, content }] of turns.entries()) {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : fieldsOf(content);
    if (blocks.length === 0) return 'messages: all messages must have non-empty content';
    if (blocks.some(({ type, text }) => type === 'text' && String(text).trim() === '')) {
      return 'messages: text content blocks must contain non-whitespace text';
    }
    const results = blocks.filter(({ type }) => type === 'tool_result').map((block) => block['tool_use_id']);
    if (open.some((id) => !results.includes(id))) {
      return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}.`;
    }
    if (results.some((id) => !open.includes(id)))
      return `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks`;
    open = blocks.filter(({ type }) => type === 'tool_use').map((block) => block['id']);
    for (const id of open) {
      if (!/^[a-zA-Z0-9_-]+$/.test(String(id)))
        return `messages.${index}.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`;
      if (seen.has(id)) return `messages.${index}: \`tool_use\` ids must be unique`;
      seen.add(id);
    }
    const last = blocks.at(-1);
    if (
      index === turns.length - 1 &&
      role === 'assistant' &&
      typeof last?.['text'] === 'string' &&
      /\s$/.test(last['text'])
    ) {
      return 'messages: final assistant content cannot end with trailing whitespace';
    }
  }
  const format = (config as Fields | undefined)?.['format'] as Fields | undefined;
  return format ? claudeSchemaProblem(format['schema']) : undefined;
}

function geminiProblem({ contents, tools, generationConfig }: Fields, path: string): string | undefined {
  const turns = fieldsOf(contents);
  if (path.includes('user-first') && turns[0]?.['role'] !== 'user') {
    return 'Please ensure that multiturn requests alternate between user and model.';
  }
  let calls: Fields[] = [];
  for (const [index, { role, parts }] of turns.entries()) {
    const held = fieldsOf(parts);
    if (held.length === 0)
      return `GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`;
    if (held.some((part) => part['text'] === ''))
      return `contents[${index}].parts[0].data: required oneof field 'data' must have one initialized field`;
    const results = held.flatMap((part) =>
      'functionResponse' in part ? [part['functionResponse'] as Fields] : [],
    );
    if (results.length !== calls.length) {
      return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
    }
    if (results.some(({ id, name }, at) => id !== calls[at]?.['id'] || name !== calls[at]?.['name']))
      return 'Function responses do not match.';
    calls = held.flatMap((part) => ('functionCall' in part ? [part['functionCall'] as Fields] : []));
    const before = turns[index - 1]?.['role'];
    if (calls.length > 0 && (role !== 'model' || before !== 'user')) {
      return 'Please ensure that function call turn comes immediately after a user turn or after a function response turn.';
    }
  }
  return geminiSchemas(tools, generationConfig as Fields | undefined);
}

function geminiSchemas(tools: unknown, config: Fields | undefined): string | undefined {
  const declared = fieldsOf(tools).flatMap((tool) => fieldsOf(tool['functionDeclarations']));
  for (const [index, { parameters }] of declared.entries()) {
    const path = `GenerateContentRequest.tools[0].function_declarations[${index}].parameters`;
    const problem = parameters === undefined ? undefined : geminiSchemaProblem(parameters, path);
    if (problem !== undefined) return problem;
  }
  const answer = config?.['responseSchema'];
  return answer === undefined
    ? undefined
    : geminiSchemaProblem(answer, 'GenerateContentRequest.generation_config.response_schema');
}

function fieldsOf(value: unknown): Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}

function isObjectText(text: unknown): boolean {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
