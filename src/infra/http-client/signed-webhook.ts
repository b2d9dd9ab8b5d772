import { Webhook } from 'standardwebhooks';
import type { EgressPolicy } from './egress-policy.js';
import { HttpTransport } from './http-transport.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After each failed try; Standard Webhooks' recommended schedule, a day and a half in all. */
const RETRY_AFTER_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR];

export const WEBHOOK_TRIES = RETRY_AFTER_MS.length + 1;

const CONNECT_TIMEOUT_MS = 5_000;

/** An answer says what it has to say by its status. */
const MOST_READ_BYTES = 16 * 1024;

/** Standard Webhooks recommends 15 to 30 s. */
const ANSWER_TIMEOUT_MS = 15_000;

/** A message to a webhook. */
export interface WebhookMessage {
  /** The same at every try. */
  id: string;
  payload: string;
}

/** The receiver did not take a message. */
export class MessageRefusedError extends Error {
  override readonly name = 'MessageRefusedError';
}

/** When a message is sent again after its so many-th try failed (from 1), in milliseconds; undefined: given up. */
export function webhookRetryDelay(tries: number): number | undefined {
  return RETRY_AFTER_MS[tries - 1];
}

/**
 * Sends messages as Standard Webhooks 1.0 says: signed with HMAC-SHA256 over id, time and body, the same id at every
 * try, and any 2xx means taken. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export class SignedWebhook {
  private readonly transport: HttpTransport;
  private readonly signer: Webhook;

  constructor(
    private readonly url: string,
    secret: string,
    egress: EgressPolicy,
  ) {
    this.transport = new HttpTransport({ baseUrl: url, connectTimeoutMs: CONNECT_TIMEOUT_MS, egress });
    this.signer = new Webhook(secret);
  }

  /** @throws MessageRefusedError, TransportError, EgressRefusedError; or the deadline's `TimeoutError` */
  async send({ id, payload }: WebhookMessage, now: Date): Promise<void> {
    const response = await this.transport.request(this.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': this.signer.sign(id, now, payload),
      },
      body: payload,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await discard(response.body);
    if (!response.ok) throw new MessageRefusedError(`The receiver answered ${response.status}`);
  }

  close(): Promise<void> {
    return this.transport.close();
  }
}

/** Reads a little of an answer, so that its connection can be used again, and closes a longer one: its content is not used. */
async function discard(body: AsyncIterable<Uint8Array>): Promise<void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MOST_READ_BYTES) return;
  }
}

/** Why a message was not taken, without the address: it may hold a token. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
