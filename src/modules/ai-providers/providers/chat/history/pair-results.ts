import type { ChatMessage, ToolCall } from '../../../interfaces/message.interface.js';
import { CallIds } from './call-ids.js';
import type { CallIdRule } from './call-ids.js';
import { carriesSomething, joinContent } from './message-content.js';
import { argumentsText } from './tool-arguments.js';

/** A call on its way to its result. */
interface PendingCall {
  id: string;
  call: ToolCall;
  result?: ChatMessage;
}

/** The calls of one uninterrupted run of assistant turns that share a key, in their order. */
interface Run {
  serial: number;
  calls: PendingCall[];
  next: number;
}

/**
 * A conversation in which each turn with calls is followed at once by their results, one for each call and in the order
 * of the calls, wherever the results stood. OpenAI, Anthropic and Gemini all refuse anything else.
 *
 * A result belongs to the call of its id; where an id is there several times, to the first call without a result in the
 * latest run of assistant turns before it. A result without an id belongs to the call of its name, or where it has none, to the next one. A second
 * result of a call is joined to the first. A result whose call is not there (a client cut the conversation) becomes a
 * turn of the user, so that its text stays. A call without a result in a conversation that went on (somebody interrupted the
 * tool) gets an empty one; calls that end the conversation stay as they are: that is the caller's to mend.
 */
export function pairResults(messages: readonly ChatMessage[], rule: CallIdRule): ChatMessage[] {
  const pending = new PendingCalls(new CallIds(rule));
  const callsAt = new Map<number, PendingCall[]>();
  const strays = new Set<number>();
  messages.forEach((message, index) => {
    if (message.toolCalls?.length) callsAt.set(index, pending.add(message.toolCalls));
    else if (message.role !== 'assistant') pending.endRun();
    if (message.role === 'tool' && !pending.answer(message)) strays.add(index);
  });
  // What has no call before it may have one behind it.
  for (const index of strays) if (pending.answerLater(messages[index]!)) strays.delete(index);
  return messages.flatMap((message, index) => {
    const calls = callsAt.get(index);
    if (calls) return [withCalls(message, calls), ...resultsOf(calls, index === messages.length - 1)];
    if (message.role !== 'tool') return [message];
    const isText = strays.has(index) && carriesSomething(message, {});
    return isText ? [{ role: 'user' as const, content: message.content }] : [];
  });
}

function withCalls(message: ChatMessage, calls: PendingCall[]): ChatMessage {
  const toolCalls = calls.map(({ id, call }) => ({
    ...call,
    id,
    arguments: call.custom ? call.arguments : argumentsText(call.arguments),
  }));
  return { ...message, toolCalls };
}

function resultsOf(calls: PendingCall[], endsConversation: boolean): ChatMessage[] {
  if (endsConversation && calls.every(({ result }) => result === undefined)) return [];
  return calls.map(({ id, call, result = NO_RESULT }) => ({ ...result, toolCallId: id, name: call.name }));
}

const NO_RESULT: ChatMessage = { role: 'tool', content: '' };

/** The calls of a conversation as it is read, found by id, by name, or as the next one, each in constant time. */
class PendingCalls {
  private readonly runs = new Map<string, Run[]>();
  /** The latest result of each id. */
  private readonly latestOf = new Map<string, ChatMessage>();
  private serial = 0;

  constructor(private readonly ids: CallIds) {}

  add(calls: readonly ToolCall[]): PendingCall[] {
    return calls.map((call) => {
      const pending: PendingCall = { id: this.ids.next(call.id), call };
      for (const key of [byId(call.id), byName(call.name), ANY]) this.enter(key, pending);
      return pending;
    });
  }

  endRun(): void {
    this.serial += 1;
  }

  /** Gives the result to the call before it that it belongs to; false where there is none. */
  answer(message: ChatMessage): boolean {
    const { toolCallId, name } = message;
    const call = this.takeLatest(toolCallId ? byId(toolCallId) : name ? byName(name) : ANY);
    if (call === undefined) return this.joinToAnswered(message);
    call.result = { ...message };
    if (toolCallId) this.latestOf.set(toolCallId, call.result);
    return true;
  }

  /** The same for a call that stands behind its result. */
  answerLater(message: ChatMessage): boolean {
    const key = byId(message.toolCallId ?? '');
    const runs = this.runs.get(key) ?? [];
    const open = runs.findIndex((run) => unanswered(run) !== undefined);
    if (open < 0) return false;
    if (open > 0) this.runs.set(key, runs.slice(open));
    unanswered(runs[open]!)!.result = message;
    return true;
  }

  private joinToAnswered({ toolCallId, content }: ChatMessage): boolean {
    const result = this.latestOf.get(toolCallId ?? '');
    if (result) result.content = joinContent(result.content, content);
    return result !== undefined;
  }

  private takeLatest(key: string): PendingCall | undefined {
    const runs = this.runs.get(key) ?? [];
    for (let run = runs.at(-1); run !== undefined; run = runs.at(-1)) {
      const call = unanswered(run);
      if (call) return call;
      runs.pop();
    }
    return undefined;
  }

  private enter(key: string, call: PendingCall): void {
    let runs = this.runs.get(key);
    if (runs === undefined) this.runs.set(key, (runs = []));
    const last = runs.at(-1);
    if (last?.serial === this.serial) last.calls.push(call);
    else runs.push({ serial: this.serial, calls: [call], next: 0 });
  }
}

function unanswered(run: Run): PendingCall | undefined {
  while (run.calls[run.next]?.result !== undefined) run.next += 1;
  return run.calls[run.next];
}

const ANY = '';
const byId = (id: string): string => `id ${id}`;
const byName = (name: string): string => `name ${name}`;
