import { createHash } from 'node:crypto';

/** Which ids of tool calls a vendor takes, and how long those are that replace the others. */
export interface CallIdRule {
  fits: RegExp;
  /** Letters and digits of a replaced id; `prefix` stands before them. */
  length: number;
  prefix: string;
}

const OURS = { length: 24, prefix: 'call_' } as const;

/** A server that nothing is known of: an id is there. */
export const ANY_ID: CallIdRule = { fits: /^[^]+$/, ...OURS };

/** "string too long. Expected a string with maximum length 40": Chat Completions of `tool_calls[].id`. */
export const OPENAI_ID: CallIdRule = { fits: /^[^]{1,40}$/, ...OURS };

/** "String should match pattern '^[a-zA-Z0-9_-]+$'": Messages of `tool_use.id`. Bedrock's Claude takes 64 characters at most. */
export const ANTHROPIC_ID: CallIdRule = { fits: /^[a-zA-Z0-9_-]{1,64}$/, ...OURS };

/** "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9.": fits every other rule here too. */
export const MISTRAL_ID: CallIdRule = { fits: /^[a-zA-Z0-9]{9}$/, length: 9, prefix: '' };

const MISTRAL_MODEL = /(?:mistral|mixtral|ministral|codestral|devstral|magistral|pixtral|voxtral|mathstral)/i;
const MISTRAL_HOST = /(?:^|\.)mistral\.ai$/i;

/** Whether a deployment is one of Mistral's, by its model's name or its server's. */
export function isMistral(model: string, host: string): boolean {
  return MISTRAL_MODEL.test(model) || MISTRAL_HOST.test(host);
}

/** Whether a vendor's 400 or 422 speaks of the ids of tool calls: of their form, their length, or that one came twice. */
export function refusesCallIds(message: string): boolean {
  return (
    /tool[ _]?(?:call|use)s?\b.{0,60}\bids?\b/i.test(message) &&
    /length|pattern|unique|duplicate|a-z|too long|invalid|must (?:be|match)/i.test(message) &&
    !/not found|without|preced|respon[ds]/i.test(message)
  );
}

/**
 * Gives the calls of one conversation, in their order, ids that are unique and of the vendor's form. An id that fits and
 * was not there before stays; any other becomes a hash of itself and of how often it was there. So the same conversation
 * always gets the same ids, one that has grown keeps those of its beginning, and no two calls get one.
 */
export class CallIds {
  private readonly given = new Set<string>();
  private readonly salts = new Map<string, number>();

  constructor(private readonly rule: CallIdRule) {}

  next(id: string): string {
    let candidate = id;
    let salt = this.salts.get(id) ?? 0;
    while (!this.rule.fits.test(candidate) || this.given.has(candidate)) {
      candidate = this.reshaped(id, salt);
      salt += 1;
    }
    this.salts.set(id, salt);
    this.given.add(candidate);
    return candidate;
  }

  private reshaped(id: string, salt: number): string {
    const digest = createHash('sha256').update(`${salt}:${id}`).digest('base64');
    return this.rule.prefix + digest.replace(/[^a-zA-Z0-9]/g, '').slice(0, this.rule.length);
  }
}
