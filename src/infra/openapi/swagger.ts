import { createRequire } from 'node:module';
import * as mappedTypes from '@nestjs/mapped-types';
import type * as Swagger from '@nestjs/swagger';

const PACKAGE = '@nestjs/swagger';

/**
 * `@nestjs/swagger` where the host application has it, so that its own description names our routes too. Where it is
 * absent the decorators do nothing, and derived classes come from `@nestjs/mapped-types` alone. It is required and not
 * imported: a static import would make the package compulsory, and a top-level `await import` would keep CommonJS hosts
 * from loading this one. The bundle of the service and the tests put `@nestjs/swagger` itself in the place of this file.
 */
export const {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
  ApiDefaultResponse,
  ApiExtraModels,
  ApiHeader,
  ApiHideProperty,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiSecurity,
  ApiTags,
  getSchemaPath,
  IntersectionType,
  OmitType,
  PartialType,
} = installed() ?? undocumented();

export type { ApiPropertyOptions, OpenAPIObject } from '@nestjs/swagger';

function installed(): typeof Swagger | undefined {
  const require = createRequire(import.meta.url);
  try {
    require.resolve(PACKAGE);
  } catch {
    return undefined;
  }
  return require(PACKAGE) as typeof Swagger;
}

/** What stands for the package: the helpers that derive classes, and for any other name a decorator without effect. */
function undocumented(): typeof Swagger {
  const noDecorator = (): (() => void) => () => undefined;
  return new Proxy(mappedTypes, {
    get: (helpers, name): unknown =>
      Object.hasOwn(helpers, name) ? Reflect.get(helpers, name) : noDecorator,
  }) as unknown as typeof Swagger;
}
