import type { ProviderError } from '../../../errors/provider.error.js';
import { MISTRAL_ID, refusesCallIds } from './call-ids.js';
import type { HistoryRules } from './fit-history.js';

/**
 * What vendors and the templates of chat models say of roles. "Conversation roles must alternate user/assistant/…": templates
 * of Mistral, Gemma, Llama 2 and others under vLLM, llama.cpp (status 500) and LM Studio, some of which say it of a system
 * message that they do not know. "Please ensure that multiturn requests alternate between user and model", "… that function
 * call turn comes immediately after a user turn": Gemini. 'first message must use the "user" role': Anthropic.
 */
const MUST_ALTERNATE = /\broles?\b.{0,60}\balternat|\balternat\w*\b.{0,60}\b(?:roles?|user)\b/i;
const USER_FIRST =
  /first (?:message|content|turn).{0,60}\buser\b|function call turn comes immediately after a user turn/i;
/** "System role not supported": Gemma's template. */
const NO_SYSTEM =
  /\bsystem\b.{0,30}\bnot (?:be )?(?:supported|allowed)|only user and assistant roles are supported/i;

/** How many models' lessons are kept: callers may name any model where they pin a provider. */
const MAX_MODELS = 256;

/** The rules by which one provider's histories are made: some follow from a model's name, the others are learnt from its refusals. */
export class HistoryLessons {
  private readonly ofModel = new Map<string, HistoryRules>();

  constructor(private readonly byName: (model: string) => HistoryRules) {}

  rulesFor(model: string): HistoryRules {
    const known = this.ofModel.get(model);
    if (known) return known;
    const rules = this.byName(model);
    this.remember(model, rules);
    return rules;
  }

  /** Whether the refusal taught something new. Each lesson is learnt once. */
  learn({ status, message }: ProviderError, model: string): boolean {
    if (status === undefined) return false;
    const known = this.rulesFor(model);
    const lesson = lessonIn(message, known);
    if (lesson) this.remember(model, { ...known, ...lesson });
    return lesson !== undefined;
  }

  private remember(model: string, rules: HistoryRules): void {
    const [oldest] = this.ofModel.keys();
    if (oldest !== undefined && this.ofModel.size >= MAX_MODELS) this.ofModel.delete(oldest);
    this.ofModel.set(model, rules);
  }
}

function lessonIn(said: string, known: HistoryRules): Partial<HistoryRules> | undefined {
  if (NO_SYSTEM.test(said)) return known.withoutSystem ? undefined : { withoutSystem: true };
  if (MUST_ALTERNATE.test(said)) {
    if (!known.alternate) return { alternate: true, userFirst: true };
    // Where turns alternate already, it is the system message that stands where the user's should.
    return known.withoutSystem || known.systemIsApart ? undefined : { withoutSystem: true };
  }
  if (USER_FIRST.test(said)) return known.userFirst ? undefined : { userFirst: true };
  if (refusesCallIds(said)) return known.callIds === MISTRAL_ID ? undefined : { callIds: MISTRAL_ID };
  return undefined;
}
