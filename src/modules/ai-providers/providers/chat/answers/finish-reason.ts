import type { FinishReason } from '../../../interfaces/completion.interface.js';

/** What a vendor's word for an end means; `failed`: vendor, server or model gave up. */
export type EndMeaning = FinishReason | 'failed';

/** Words that stand for no word: the answer goes on. `notfinished` is watsonx's. */
const NO_WORD: ReadonlySet<string> = new Set(
  'null none nil undefined na unspecified notfinished inprogress'.split(' '),
);

/**
 * The words of all vendors, lower case, without what is neither letter nor digit. Relays and compatible servers pass
 * the words of others on, so one table serves every dialect: OpenAI, Azure, DeepSeek, Kimi, GLM, Qwen, Hunyuan, MiniMax,
 * Mistral, Groq, OpenRouter, Together, TGI, vLLM, SGLang, llama.cpp, Ollama, Cohere, AI21, Bedrock, watsonx, xAI,
 * Anthropic (https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons) and Gemini
 * (https://ai.google.dev/api/generate-content#FinishReason).
 */
const WORDS: Readonly<Record<Exclude<EndMeaning, 'other'>, string>> = {
  // End tokens of models are names of the same: `<|im_end|>`, `</s>`, `<end_of_turn>`, `<|eot_id|>`, `<|endoftext|>`.
  stop: `stop stopped eos eostoken eosfound stopsequence stopsequences stoptoken stopword stopstring stopcriteria
    stopcriteriamet stoppedeos stoppedword endturn endofturn endoftext endofsentence endofmessage endofsequence imend eot
    eotid eom eomid end s sep done finish finished complete completed natural normal succeeded success return word user
    observation stopstr normalstop`,
  // `pause_turn`: a server's own limit on what it does within one turn; the turn is not done.
  length: `length lengthlimit modellength max maxtoken maxtokens maxlen maxlength maxoutput maxoutputtokens maxnewtokens
    maxcompletiontokens maxcontext contextlength contextlengthexceeded contextwindowexceeded modelcontextwindowexceeded
    tokenlimit limit limitreached errorlimit stoppedlimit outputlimit truncated pauseturn incomplete numpredict`,
  content_filter: `contentfilter contentfiltered filter filtered safety recitation blocklist prohibitedcontent spii
    language imagesafety imageprohibitedcontent imagerecitation modelarmor refusal refused sensitive moderation moderated
    blocked guardrail guardrails guardrailintervened guardrailsintervened errortoxic toxic contentpolicy
    contentpolicyviolation policyviolation`,
  tool_calls: `toolcalls toolcall tooluse tooluses tools tool functioncall functioncalls function call`,
  failed: `error failed failure abort aborted cancel cancelled canceled usercancel terminated interrupted
    insufficientsystemresource insufficientsystemresources networkerror engineoverloaded overloaded timeout timedout
    timelimit deadlineexceeded malformedfunctioncall malformedtoolcall malformedtooluse malformedmodeloutput
    malformedresponse unexpectedtoolcall toomanytoolcalls missingthoughtsignature noimage imageother invalid ratelimit
    ratelimited ratelimitexceeded quotaexceeded resourceexhausted outofmemory oom`,
};

const MEANINGS: ReadonlyMap<string, EndMeaning> = new Map(
  (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((meaning) =>
    WORDS[meaning].split(/\s+/).map((word) => [word, meaning] as const),
  ),
);

/**
 * Parts of words that say in any vendor's coinage that something went wrong, was held back, or is full. Only these are
 * guessed: to take an unknown word for one of them never shows a cut answer as a whole one.
 */
const GAVE_UP =
  /error|fail|abort|cancel|overload|timeout|timedout|malform|insufficient|unavailable|exhausted|interrupt|disconnect|exception|crash|connection|network|reset|lost|killed|evict|preempt|shutdown|memory|oom$|capacity|kvcache|busy|expired|dropped|gaveup|giveup|incompletestream/;
const HELD_BACK = /filter|safety|moderat|guardrail|prohibited|policyviol|censor|risk|sensitive/;
const FULL =
  /(?:context|token|length|window|output|seqlen|sequence).*(?:limit|exceed|overflow|reached|full|max)|max.*(?:token|len|output|context)/;

/** A model's end token: a name in brackets (`<|im_end|>`, `<turn|>`, `[EOS]`, MiniMax's `[e~[`). */
const END_TOKEN = /^[<[][^\n]*[^a-z0-9\s]$/i;

/** Longer ones are no words, and no vendor's. */
const MAX_WORD_CHARS = 100;

/** The vendor's word for how its answer ended; undefined where it gave none yet. SGLang puts it into an object's `type`. */
export function endWordOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  const word = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : value;
  if (typeof word !== 'string') return undefined;
  const key = keyOf(word);
  if (NO_WORD.has(key)) return undefined;
  // An end token may be made of signs alone.
  return key === '' && word.trim() === '' ? undefined : word;
}

/** What the word means; `other` for an unknown one. */
export function meaningOf(word: string): EndMeaning {
  const key = keyOf(word);
  const known = MEANINGS.get(key);
  if (known !== undefined) return known;
  if (HELD_BACK.test(key)) return 'content_filter';
  if (FULL.test(key)) return 'length';
  if (GAVE_UP.test(key)) return 'failed';
  return END_TOKEN.test(word.slice(0, MAX_WORD_CHARS).trim()) ? 'stop' : 'other';
}

/** As the tables have it; enumerations come with their type's name before them (`FINISH_REASON_STOP`, `FinishReason.STOP`). */
function keyOf(word: string): string {
  return word
    .slice(0, MAX_WORD_CHARS)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^(?:finish|stop)?reason(?=.)/, '');
}
