import type { Dependencies } from './dependencies.ts';

/** Makes something once for a process, so that all who ask share what it knows. */
export function onceFor<Made>(create: (deps: Dependencies) => Made): (deps: Dependencies) => Made {
  const made = new WeakMap<Dependencies, { it: Made }>();
  return (deps) => {
    const known = made.get(deps) ?? { it: create(deps) };
    made.set(deps, known);
    return known.it;
  };
}
