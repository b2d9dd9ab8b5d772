import { randomUUID } from 'node:crypto';
import type { ChatMessage } from '../../../interfaces/message.interface.js';

/**
 * The ids of an answer's tool calls. The vendor's own is kept where it gave one and it stands for no other call, neither
 * of this answer nor of the conversation, whose turns come back to us with it: servers exist that count from `call_0` in
 * each answer. Else the id is ours, and comes twice from no process.
 */
export class CallIds {
  private readonly given = new Set<string>();

  /** @param conversation the turns that the answer follows */
  constructor(conversation: readonly ChatMessage[]) {
    for (const { toolCalls = [] } of conversation) for (const { id } of toolCalls) this.given.add(id);
  }

  claim(vendorsId: string | undefined): string {
    const isFree = vendorsId !== undefined && !this.given.has(vendorsId);
    const id = isFree ? vendorsId : newCallId();
    this.given.add(id);
    return id;
  }
}

/** 37 characters of those that every vendor takes in an id; OpenAI allows 40. */
function newCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}
