/** The braces keep all keys in one slot of a cluster: a job and its message are added together. */
export const QUEUE_PREFIX = '{ai-providers:jobs}';
export const COMPLETIONS = 'completions';
export const MESSAGES = 'messages';

/** The channel on which the workers learn which job is cancelled. */
export const CANCEL_CHANNEL = `${QUEUE_PREFIX}:cancel`;

/** The mark on a cancelled job, in the place of its progress. */
export const CANCELLED = 'cancelled';
