import { Module, type DynamicModule } from '@nestjs/common';
import { WorkerLink } from './worker-link.js';

/** Makes the line to the primary known everywhere; absent where there is one process alone. */
@Module({})
export class WorkerLinkModule {
  static of(link: WorkerLink): DynamicModule {
    return {
      module: WorkerLinkModule,
      global: true,
      providers: [{ provide: WorkerLink, useValue: link }],
      exports: [WorkerLink],
    };
  }
}
