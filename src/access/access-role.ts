export const ACCESS_ROLES = ['admin', 'client', 'monitor'] as const;

/** What a caller may do: everything, complete, or look. */
export type AccessRole = (typeof ACCESS_ROLES)[number];
