/** Who said it. */
export type MessageRole = 'system' | 'user' | 'assistant' | 'tool';

/** Bytes by reference (an http(s) URL) or by value (base64 with its media type). */
export type MediaSource = { url: string } | { data: string; mediaType: string };

/** Fields as JSON has them. */
export type JsonFields = Readonly<Record<string, unknown>>;

/**
 * What an OpenAI API's caller wrote beyond our words. It goes to vendors of that dialect as it is, and is judged field by
 * field for the others (`dialects/`).
 */
interface WithOpenAIFields {
  openaiFields?: JsonFields;
}

/** What is opaque to us, by the vendor that said it and that it goes back to, as it came. */
export interface ProviderData {
  /** Further fields of the message. */
  openai?: JsonFields;
  /** `content`: the turn's blocks, in the place of those that we would make. */
  anthropic?: { content: readonly JsonFields[] };
  /** `parts`: the turn's parts, likewise. */
  google?: { parts: readonly JsonFields[] };
}

/** One part of a message's content. `other` is one that OpenAI's dialect alone has, as `openaiFields` hold it. */
export type ContentPart = WithOpenAIFields &
  (
    | { type: 'text'; text: string }
    | { type: 'image'; source: MediaSource }
    | { type: 'file'; source: MediaSource; name?: string }
    | { type: 'audio'; source: MediaSource }
    | { type: 'other'; openaiFields: JsonFields }
  );

/** A model's wish to call a tool; `arguments` is the JSON text as the model wrote it. */
export interface ToolCall extends WithOpenAIFields {
  id: string;
  name: string;
  arguments: string;
  /** A call of OpenAI's `custom` tools: `arguments` is any text then, and no JSON. */
  custom?: true;
}

/** One turn of a conversation. */
export interface ChatMessage extends WithOpenAIFields {
  role: MessageRole;
  content: string | ContentPart[];
  /** On an assistant's message: the tools it asked for. */
  toolCalls?: ToolCall[];
  /** On a tool's message: the call it answers. */
  toolCallId?: string;
  name?: string;
  /** On an assistant's message: its visible reasoning, for vendors that want it back. */
  reasoning?: string;
  /** On an assistant's message: what its vendor wants back as it came. */
  providerData?: ProviderData;
}

/** A tool the model may call; `parameters` is a JSON Schema. */
export interface Tool extends WithOpenAIFields {
  name: string;
  description?: string;
  parameters: Record<string, unknown>;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** What form the answer takes. */
export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json' }
  | ({
      type: 'json_schema';
      name?: string;
      schema: Record<string, unknown>;
      strict?: boolean;
    } & WithOpenAIFields);
