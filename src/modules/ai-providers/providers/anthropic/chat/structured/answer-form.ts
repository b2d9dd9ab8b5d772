import { isToolForced } from '../../../../dialects/tool-choice.js';
import type { ProviderError } from '../../../../errors/provider.error.js';
import type { ProviderCall } from '../../../../interfaces/ai-adapter.interface.js';
import type { JsonObject } from '../../../wire/json-value.js';
import { answerToolOf, schemaToolOf } from './answer-tool.js';
import type { AnswerTool } from './answer-tool.js';
import { toClaudeSchema } from './schema.js';

/** How Claude is asked for an answer of a form. */
export interface AnswerForm {
  /** The schema of structured outputs. */
  grammar?: JsonObject;
  /** The tool whose input is the answer, where the grammar cannot say it. */
  tool?: AnswerTool;
  /** The caller's own schema, where neither says it whole: the answer is checked against it. */
  check?: JsonObject;
}

const FREE: AnswerForm = {};

const SCHEMA_REFUSED = /output_config|output_format|structured output|\bschema\b/i;
const NO_SUCH_FIELD =
  /extra inputs|not support(?:ed)? (?:by|for|on|this|structured|output)|does not support/i;
const KEYWORD_REFUSED = /(?:property|keyword|for '\w+' type,) ['"`]?(format|minItems|title|description)\b/i;

/** How each model is asked, as learnt from its refusals. */
export class AnswerForms {
  private readonly withoutGrammar = new Set<string>();
  private readonly refusedKeywords = new Map<string, ReadonlySet<string>>();
  /** Schemas that were refused as a grammar: of the request under way, whose second try they decide. */
  private readonly refusedSchemas = new WeakSet<JsonObject>();

  of(call: ProviderCall): AnswerForm {
    const format = call.responseFormat;
    if (format === undefined || format.type === 'text') return FREE;
    if (format.type === 'json') return { tool: answerToolOf(call) };
    const { schema } = format;
    const isGrammar = !this.withoutGrammar.has(call.model) && !this.refusedSchemas.has(schema);
    const claude = isGrammar ? toClaudeSchema(schema, this.refusedKeywords.get(call.model)) : undefined;
    if (claude) return { grammar: claude.schema, check: claude.isLoose ? schema : undefined };
    // Where the caller's own tool is forced there is no text to be of a form.
    if (isToolForced(call)) return FREE;
    const tool = schemaToolOf(schema);
    return tool ? { tool, check: schema } : { grammar: schema, check: schema };
  }

  /** Whether the refusal is about the grammar, and the call is to be asked in another way. */
  learn({ fault, message }: ProviderError, call: ProviderCall): boolean {
    const format = call.responseFormat;
    if (fault !== 'invalid_request' || format?.type !== 'json_schema' || !SCHEMA_REFUSED.test(message))
      return false;
    if (this.of(call).tool !== undefined || this.refusedSchemas.has(format.schema)) return false;
    const keyword = KEYWORD_REFUSED.exec(message)?.[1];
    const known = this.refusedKeywords.get(call.model);
    if (keyword !== undefined && !known?.has(keyword)) {
      this.refusedKeywords.set(call.model, new Set([...(known ?? []), keyword]));
    } else if (NO_SUCH_FIELD.test(message)) this.withoutGrammar.add(call.model);
    else this.refusedSchemas.add(format.schema);
    return true;
  }
}
