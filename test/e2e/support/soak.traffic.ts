import { AIError } from '../../../src/modules/ai-providers/errors/ai.error.js';
import type { CompletionChunk } from '../../../src/modules/ai-providers/interfaces/completion.interface.js';
import type { AIRequestManagerService } from '../../../src/modules/ai-providers/services/ai-request-manager.service.js';
import type { AskedRequest } from '../../fakes/upstream/dialect.js';
import {
  answer,
  cutAfter,
  endAfter,
  malformedEvent,
  raw,
  reset,
  stall,
  status,
  type FakeAnswer,
  type Script,
} from '../../fakes/upstream/upstream-script.js';

/** The one right answer to the prompt of that number, the same from every provider. */
export function rightAnswer(number: number): string {
  return Array.from({ length: 4 }, (_, index) => `word ${number}.${index};`).join(' ');
}

export const promptOf = (number: number): string => `soak-${number}-soak`;

/** A provider that does not fail. */
export const answeringWell = ({ rawBody }: AskedRequest): Script => answer(saidTo(rawBody));

function saidTo(rawBody: string): FakeAnswer {
  return { text: rightAnswer(Number(/soak-(\d+)-soak/.exec(rawBody)?.[1])), chunks: 4 };
}

/** How a provider that fails at random answers: two in three times well. */
export function failingAtRandom(random: () => number): (request: AskedRequest) => Script {
  return ({ rawBody }) => {
    const said = saidTo(rawBody);
    const faults: (() => Script)[] = [
      () => status(500),
      () => status(503),
      () => reset(),
      () => status(429, random() < 0.5 ? { retryAfterMs: '30' } : {}),
      () => cutAfter(2, said),
      () => endAfter(3, said),
      () => stall(random() < 0.5 ? 'before_headers' : { events: 2 }, said),
      () => malformedEvent(2, said),
      () => status(529),
      () => raw('<html>', { 'content-type': 'text/html' }),
    ];
    const drawn = random();
    return drawn < 0.66 ? answer(said) : (faults[Math.floor(random() * faults.length)]?.() ?? answer(said));
  };
}

/** How one request ended. */
export type SoakEnding = 'whole' | 'aborted' | 'refused' | 'cut';

/** A request of the soak, and what its caller saw. */
export class SoakCaller {
  constructor(
    private readonly manager: AIRequestManagerService,
    private readonly random: () => number,
  ) {}

  /** @throws Error when the caller was told something wrong. */
  async ask(number: number, timeout: number): Promise<SoakEnding> {
    const request = { prompt: promptOf(number), timeout, cache: false } as const;
    const caller = new AbortController();
    const kind = this.random();
    const impatient = this.random() < 0.1;
    if (impatient && kind < 0.8) setTimeout(() => caller.abort(), Math.floor(this.random() * 20));
    const context = { signal: caller.signal, requestId: promptOf(number) };
    try {
      if (kind < 0.4) {
        const { content } = await this.manager.complete(request, context);
        return this.judge(number, content, true);
      }
      return await this.read(number, this.manager.streamComplete(request, context), impatient && kind >= 0.8);
    } catch (error) {
      if (!(error instanceof AIError)) throw error;
      if (error.code === 'INTERNAL') throw error;
      return caller.signal.aborted ? 'aborted' : 'refused';
    }
  }

  /** `leaves`: stops reading after the first chunk. */
  private async read(
    number: number,
    chunks: AsyncIterable<CompletionChunk>,
    leaves: boolean,
  ): Promise<SoakEnding> {
    let content = '';
    let ends = 0;
    try {
      for await (const chunk of chunks) {
        if (ends > 0) throw new Error(`request ${number} went on after its end`);
        content += chunk.content;
        if (chunk.done) ends += 1;
        else if (leaves) return 'aborted';
      }
    } catch (error) {
      if (error instanceof AIError && content !== '') {
        this.judge(number, content, false);
        return 'cut';
      }
      throw error;
    }
    return this.judge(number, content, ends === 1);
  }

  private judge(number: number, content: string, whole: boolean): 'whole' {
    const right = rightAnswer(number);
    if (whole ? content !== right : !right.startsWith(content))
      throw new Error(
        `request ${number} was told ${JSON.stringify(content)}${whole ? ' as the whole answer' : ''}`,
      );
    return 'whole';
  }
}
