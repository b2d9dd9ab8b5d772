import type { ErrorReading } from './body/error-reading.interface.js';

/** What a refusal is about, as far as its words say. */
export type RefusalSense =
  | 'context_length'
  | 'content_filter'
  | 'account_limit'
  | 'quota_exhausted'
  | 'authentication'
  | 'model_not_found';

/** So much of a sentence is judged: reasons stand at its beginning. Keeps every expression below cheap whatever is sent. */
const JUDGED_CHARS = 4_000;

/** Money that is spent: OpenAI, Anthropic, DeepSeek, OpenRouter ("requires more credits", "can only afford"), GLM. */
const MONEY =
  /insufficient[ _-](?:balance|credits?|funds|quota)|(?:balance|credits?)\b.{0,16}\b(?:too low|not enough|exhausted|depleted|insufficient|used up)|out of credits|more credits|can only afford|budget.{0,24}exceeded|payment required|billing (?:hard limit|not active|error)|余额不足|欠费/;

/** A limit of an account: so many requests or tokens a time, or so much spent in one. */
const RATE =
  /rate[ _-]?limit|throttl|\b(?:per|a|each|every) ?(?:second|minute|min|hour|day|week|month)\b|\b[rt]p[smhd]\b|\b(?:hourly|daily|weekly|monthly)\b.{0,24}\b(?:limit|quota|cap)\b|(?:spend|spending|usage) (?:limit|cap)|quota|resource exhausted|请求频率|速率限制/;
const TOO_MANY = /too many requests/;

/** A verdict on what was said, or would have been. */
const VERDICT =
  /content[ _-]?(?:policy|filter|moderation|management|safety|violat|exists risk)|\bmoderation\b|responsible ?ai|safety[ _](?:system|filter|polic|check|setting|reason|guideline)|guardrail|data ?inspection|(?:usage|acceptable use) (?:polic|guideline)|prohibited[ _]content|inappropriate|high[ _-]risk|\bnsfw\b|(?:prompt|input|content|message|output|response|text|image)s?\b.{0,60}(?:\b|_)(?:flagged|blocked|harmful|unsafe|disallowed|sensitive)|request\b.{0,40}\b(?:flagged|blocked (?:by|due to|because of)\b.{0,30}(?:polic|safety|filter|content))|敏感|违规|违法|不安全|内容审核/;
/** The account itself was judged: that is no verdict on this input. */
const ACCOUNT_JUDGED =
  /\b(?:account|organi[sz]ation|workspace|subscription|api[ _-]?key|ip)\b.{0,60}\b(?:suspended|disabled|deactivated|banned|terminated|blocked|flagged|restricted)/;

const KEY =
  /\b(?:incorrect|invalid|missing|wrong|expired|revoked|no)\b.{0,24}(?:api[ _-]?key|credentials?)\b|(?:api[ _-]?key|credentials?)\b.{0,24}\b(?:not valid|invalid|expired|incorrect|missing|required|revoked|disabled)|authentication[ _](?:failed|error|required)|unauthori[sz]ed|permission denied/;

const MODEL =
  /\bmodels?\b.{0,80}\b(?:not exist|not found|no longer available|decommissioned)|\b(?:invalid|unknown|unrecognized|no such) model\b(?! ?(?:parameter|option))|模型不存在/;

/** Fields and paths: their names are no words about the prompt. */
const PATH = /['"`]?\b[\w-]{1,64}(?:\[\d{1,9}\]|\.\w{1,64})[\w.[\]-]{0,200}['"`]?/g;
const TEXT_FIELD =
  /\b(?:messages|input|prompt|contents?)\b.{0,60}\b(?:content|text|input|prompt)\b['"`]?:? string too long/;

const SENT =
  /\b(?:prompts?|inputs?|messages?|conversation|requested|requests?|sequence|tokens?|content|history)\b|输入|提示|消息|内容/;
const HELD =
  /\b(?:context|windows?|lengths?|limits?|maximum|max|maxlength|at most|up to|no more than|supports?|less than|allowed|cannot exceed)\b|<=|≤|上下文|长度|上限/;
const TOO_MUCH =
  /exceed|too (?:long|large|many|big)|longer|larger than|greater than|more than|overflow|beyond|not fit|not enough|should be|must (?:be|have|not)|at most|up to|supports? only|only supports?|maxlength|reduce|shorten|truncat|\d ?> ?\d|\bbut (?:the |your )?(?:request|prompt|input|model|message)|however/;
const MEASURE = /\btokens?\b|context|\blengths?\b|too long|longer|window|maxlength/;

const CONTEXT =
  /context[ _-]?(?:length|window|size|limit|overflow|len)\b|\bn_ctx\b|max_model_len|context the overflows/;
const CONTEXT_FULL =
  /exceed|too |only|not enough|longer|larger|greater|more than|overflow|maximum|reached|limit|full|\d/;
const LONG =
  /\b(?:prompt|input|messages?|conversation|context|history)(?: \w{1,20}){0,3} too (?:long|large|big)|too many (?:input |prompt )?tokens|(?:输入|提示|上下文|消息|内容|prompt|tokens?|长度).{0,24}(?:超出|超过|超长|过长|太长)/;

/** Of what lies behind none is the length of the prompt, unless tokens or the context are spoken of. */
const OTHER_THING =
  /\b(?:names?|ids?|identifiers?|descriptions?|stop sequences?|functions?|tools?|schemas?|metadata|urls?|headers?|images?|pictures?|photos?|files?|documents?|pdfs?|audio|videos?|attachments?|bytes|pixels|dimensions?|resolution|body)\b|\d ?[kmg]i?b\b/;
const NEVER_LENGTH = /log_?probs|time ?limit|timed? ?out|deadline|took too long|\bseconds\b/;
const TOO_SHORT = /at least|minimum|too short|be empty/;
const OUTPUT =
  /max[ _](?:completion[ _]|output[ _]|new[ _])?tokens|maxoutputtokens|max(?:imum)? (?:output|completion|new)|(?:output|completion|generated) (?:tokens?|length|limit)/;
const INPUT_TOO = /\b(?:prompt|inputs?|messages?|conversation|context)\b/;

/** What a single sentence is about. */
export function senseOfText(given: string): RefusalSense | undefined {
  const text = given.slice(0, JUDGED_CHARS).toLowerCase();
  if (MONEY.test(text)) return 'quota_exhausted';
  if (RATE.test(text) || TOO_MANY.test(text)) return 'account_limit';
  if (ACCOUNT_JUDGED.test(text)) return 'authentication';
  if (VERDICT.test(text)) return 'content_filter';
  if (isTooLong(text)) return 'context_length';
  if (KEY.test(text)) return 'authentication';
  return MODEL.test(text) ? 'model_not_found' : undefined;
}

/** The sense of the innermost code that has one, else of the innermost sentence. */
export function senseOf({
  words,
  sentences,
}: Pick<ErrorReading, 'words' | 'sentences'>): RefusalSense | undefined {
  for (const word of words) {
    const sense = senseOfWord(word);
    if (sense) return sense;
  }
  for (const text of sentences) {
    const sense = senseOfText(text);
    if (sense) return sense;
  }
  return undefined;
}

/** Codes of several vendors that are no words which could be understood. */
const KNOWN_WORDS: ReadonlyMap<string, RefusalSense> = new Map<string, RefusalSense>([
  ['exceed_context_size_error', 'context_length'],
  ['requests', 'account_limit'],
  ['tokens', 'account_limit'],
  ['rate_limited', 'account_limit'],
  ['SAFETY', 'content_filter'],
  ['invalid_prompt', 'content_filter'],
  ['PERMISSION_DENIED', 'authentication'],
]);

/** What a code, type or status word is about: `context_length_exceeded`, `ContextWindowExceededError`, `API_KEY_INVALID`. */
export function senseOfWord(word: string): RefusalSense | undefined {
  const known = KNOWN_WORDS.get(word);
  if (known) return known;
  const spoken = word.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_.\-/]+/g, ' ');
  return /\s/.test(spoken) ? senseOfText(spoken) : undefined;
}

/** Whether it is one request that is too large for what the account may use in a time, and not too many of them. */
export function isTooLargeForAccount({ sentences }: Pick<ErrorReading, 'sentences'>): boolean {
  return sentences.some((given) => {
    const text = given.slice(0, JUDGED_CHARS).toLowerCase();
    const limit = /\blimit:? (\d{1,12})/.exec(text)?.[1];
    const requested = /\brequested:? (\d{1,12})/.exec(text)?.[1];
    return (
      /request too large|must be reduced|reduce your (?:message|prompt|input)/.test(text) ||
      (limit !== undefined && requested !== undefined && Number(requested) > Number(limit))
    );
  });
}

/** Whether only the number of requests is spoken of, which a server without room for more says too. */
export function isOnlyTooMany({ words, sentences }: Pick<ErrorReading, 'words' | 'sentences'>): boolean {
  return ![...words, ...sentences].some((text) => RATE.test(text.slice(0, JUDGED_CHARS).toLowerCase()));
}

/**
 * Whether it says that what was sent is more than the model holds: words of size for the input (prompt, messages, tokens)
 * beside words for what the model holds (context, length, limit), with or without numbers. Limits of the output, of
 * pictures, names and other fields are something else.
 */
function isTooLong(text: string): boolean {
  if (TEXT_FIELD.test(text)) return true;
  const said = text.replace(PATH, ' ');
  if (NEVER_LENGTH.test(said) || isOutputLimit(said)) return false;
  if (CONTEXT.test(said) && CONTEXT_FULL.test(said)) return true;
  if (OTHER_THING.test(said) && !/\btokens?\b|context/.test(said)) return false;
  if (LONG.test(said)) return true;
  if (TOO_SHORT.test(said) && !/exceed|too long|maximum/.test(said)) return false;
  return SENT.test(said) && HELD.test(said) && TOO_MUCH.test(said) && MEASURE.test(said);
}

/** The limit of the answer alone is too large: no other window helps, unless prompt and answer together are meant. */
function isOutputLimit(text: string): boolean {
  if (!OUTPUT.test(text)) return false;
  if (!INPUT_TOO.test(text)) return true;
  // vLLM names the context length then too; an answer that would fill it leaves no room for the prompt.
  const asked = /tokens['"`]? is too large: (\d{1,12})/.exec(text)?.[1];
  const held = /context length is (\d{1,12})/.exec(text)?.[1];
  return asked !== undefined && held !== undefined && Number(asked) > Number(held);
}
