import leven from 'leven';

/** All variables of ours that no vendor names begin so. */
const OURS = /^AI_/;

/** So much of a name may be wrong for another to be what was meant. */
const MOST_WRONG = 0.4;

/**
 * A line for each variable that looks like one of ours and is none: it changes nothing, but the operator who set it thinks that
 * it does. Only the standalone service calls this: in a host application other code's variables may begin alike.
 */
export function misspeltVariables(
  known: readonly string[],
  env: Readonly<NodeJS.ProcessEnv> = process.env,
): string[] {
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !known.includes(name))
    .map((name) => {
      const nearest = nearestOf(name, known);
      return `${name} is not a variable of this service${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
    });
}

function nearestOf(name: string, known: readonly string[]): string | undefined {
  const begun = known.filter((one) => one.startsWith(name) || name.startsWith(one));
  const candidates = begun.length > 0 ? begun : known;
  const [nearest] = [...candidates].sort((left, right) => leven(name, left) - leven(name, right));
  if (nearest === undefined) return undefined;
  return begun.length > 0 || leven(name, nearest) <= MOST_WRONG * name.length ? nearest : undefined;
}
