import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { ChatMessage } from '../../../interfaces/message.interface.js';
import type { CallIdRule } from './call-ids.js';
import { carriesSomething, joinContent } from './message-content.js';
import { pairResults } from './pair-results.js';

/** What a vendor wants of a conversation. */
export interface HistoryRules {
  callIds: CallIdRule;
  /** Whether a turn of nothing but reasoning, or of what the vendor itself said, is a turn to it. */
  wantsReasoning?: boolean;
  /** Whether the user must speak first. */
  userFirst?: boolean;
  /** Whether turns of user and assistant must alternate. */
  alternate?: boolean;
  /** Whether it has no system role. */
  withoutSystem?: boolean;
  /** Whether the system text has a place of its own and is no turn, so that no refusal of turns means it. */
  systemIsApart?: boolean;
}

type History = Pick<ProviderCall, 'system' | 'messages'>;

/**
 * Makes a conversation fit for a vendor: turns that carry nothing are left out, results stand behind their calls
 * (`pairResults`), and the order is the vendor's. No word is made up and none lost: what an assistant said before the user spoke goes,
 * where that is refused, to the end of the system text; a call cannot, so there the system text becomes the user's first turn.
 */
export function fitHistory(call: ProviderCall, rules: HistoryRules): ProviderCall {
  const { system, messages } = fit(call, rules);
  return system === call.system && messages === call.messages
    ? call
    : { ...call, system, messages, ...(system !== call.system && { systemTurns: undefined }) };
}

function fit({ system, messages }: History, rules: HistoryRules): History {
  const isSent = (message: ChatMessage): boolean =>
    message.role === 'tool' || carriesSomething(message, rules);
  const said = messages.every(isSent) ? messages : sentOf(messages, isSent);
  const hasTools = said.some(({ role, toolCalls }) => role === 'tool' || toolCalls?.length);
  let history: History = { system, messages: hasTools ? pairResults(said, rules.callIds) : said };
  if (rules.userFirst) history = userFirst(history);
  if (rules.withoutSystem) history = systemAsUser(history);
  return rules.alternate ? { ...history, messages: joinNeighbours(history.messages) } : history;
}

/** Where no turn carries anything, all go as they are: it is for the vendor to say what it makes of them. */
function sentOf(messages: ChatMessage[], isSent: (message: ChatMessage) => boolean): ChatMessage[] {
  const sent = messages.filter(isSent);
  return sent.length > 0 ? sent : messages;
}

function userFirst({ system, messages }: History): History {
  const begin = messages.findIndex(({ role, toolCalls }) => role !== 'assistant' || toolCalls?.length);
  const leading = begin < 0 ? [] : messages.slice(0, begin);
  if (begin >= 0 && messages[begin]?.role === 'assistant') return systemAsUser({ system, messages });
  const text = leading.reduce<ChatMessage['content']>((all, { content }) => joinContent(all, content), '');
  if (leading.length === 0 || typeof text !== 'string') return { system, messages };
  return { system: joinContent(system ?? '', text) as string, messages: messages.slice(begin) };
}

function systemAsUser({ system, messages }: History): History {
  if (!system) return { system, messages };
  const [first] = messages;
  if (first?.role !== 'user')
    return { system: undefined, messages: [{ role: 'user', content: system }, ...messages] };
  const content = joinContent(system, first.content);
  return { system: undefined, messages: [{ ...first, content }, ...messages.slice(1)] };
}

/** Results stay behind their own calls: a turn with calls is never joined to what follows it. */
function joinNeighbours(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (last === undefined || last.role !== message.role || message.role === 'tool') joined.push(message);
    else
      joined[joined.length - 1] = {
        ...last,
        ...message,
        content: joinContent(last.content, message.content),
      };
  }
  return joined;
}
