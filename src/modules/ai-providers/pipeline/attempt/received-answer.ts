import type { ReadText } from '../../accounting/token-counter.interface.js';
import type { StreamPart } from '../../interfaces/ai-adapter.interface.js';
import { GrowingText } from '../../operations/chat/growing-text.js';

/** No more of a text is counted (`TokenEstimator`): the rest of one is taken for like its beginning. */
const COUNTED_CHARACTERS = 65_536;

/** What has come of a stream, to be counted as the texts of a whole answer are: a line each for reasoning, text and calls. */
export class ReceivedAnswer implements ReadText {
  private readonly text = new GrowingText(COUNTED_CHARACTERS);
  private last: StreamPart['type'] | undefined;
  private lastCall: number | undefined;

  get length(): number {
    return this.text.length;
  }

  add(part: StreamPart): void {
    if (part.type === 'text' || part.type === 'reasoning' || part.type === 'refusal') {
      this.begin(part.type, undefined);
      this.text.add(part.text);
    } else if (part.type === 'tool_call') {
      const { index, name, arguments: args } = part.delta;
      this.begin(part.type, index);
      if (name !== undefined) this.text.add(`${name}\n`);
      this.text.add(args);
    }
  }

  toString(): string {
    return this.text.toString();
  }

  private begin(type: StreamPart['type'], call: number | undefined): void {
    if (this.text.length > 0 && (type !== this.last || call !== this.lastCall)) this.text.add('\n');
    this.last = type;
    this.lastCall = call;
  }
}
