import { Injectable, RequestMethod, type OnApplicationBootstrap } from '@nestjs/common';
import { PATH_METADATA, METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ROUTE_ACCESS } from './access.decorators.js';

/**
 * Stops the start when a route declares no access, so that none is ever open by oversight. For our own service: in a
 * host's application its other routes are its own affair, and `AccessGuard` refuses ours that declare none.
 */
@Injectable()
export class RouteAccessCheck implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    const open = this.discovery.getControllers().flatMap(({ metatype, instance }) => {
      if (!metatype || !instance) return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => Reflect.hasMetadata(PATH_METADATA, prototype[name]!))
        .filter((name) => !this.reflector.get(ROUTE_ACCESS, prototype[name]!))
        .map((name) => `${methodOf(prototype[name]!)} ${metatype.name}.${name}`);
    });
    if (open.length > 0) throw new Error(`Routes without declared access: ${open.join(', ')}`);
  }
}

function methodOf(handler: () => unknown): string {
  return RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
}
