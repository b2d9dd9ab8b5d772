import * as z from 'zod/mini';
import { oneOf } from '../../../infra/config/value.schemas.js';
import { variable } from '../../../infra/config/variable.js';
import { ROUTING_STRATEGIES } from '../routing/candidate.interface.js';

/** Which provider is asked first among equals. */
export const routingConfig = z.strictObject({
  routingStrategy: variable(
    'AI_ROUTING_STRATEGY',
    oneOf(ROUTING_STRATEGIES),
    'priority',
    `Order among providers of equal priority: ${ROUTING_STRATEGIES.join(', ')}.`,
  ),
});
export type RoutingConfig = Readonly<z.output<typeof routingConfig>>;
