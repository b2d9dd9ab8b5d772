/** Names of the gauges that say how much a process works on; the workers of one service add theirs up by them. */
export const IN_FLIGHT_SERIES = 'ai_providers_requests_in_flight';
export const QUEUED_SERIES = 'ai_providers_queue_depth';
