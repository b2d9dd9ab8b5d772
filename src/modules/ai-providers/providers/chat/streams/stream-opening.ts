import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';

/**
 * What identifies a streamed answer: id and model as the vendor names them first. Servers exist whose first event names
 * neither (Azure) or one of both, and whose later ones name others.
 */
export class StreamOpening {
  private id: string | undefined;
  private model: string | undefined;

  /** Appends a `start` where an event says what was not known yet. */
  read(id: string | undefined, model: string | undefined, parts: StreamPart[]): void {
    if ((this.id !== undefined || id === undefined) && (this.model !== undefined || model === undefined))
      return;
    this.id ??= id;
    this.model ??= model;
    parts.push({ type: 'start', id: this.id, model: this.model });
  }
}
