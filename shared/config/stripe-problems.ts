type Variables = Readonly<Record<string, string>>;

const KEYS = ['STRIPE_SECRET_KEY', 'STRIPE_PUBLISHABLE_KEY'];

/**
 * What must not be so of Stripe's keys wherever they are used: live ones outside of production, where a slip would
 * charge real cards, and two of different modes, with which no payment can be confirmed.
 * @returns a sentence for each problem
 */
export function stripeProblems(values: Variables): string[] {
  const modes = KEYS.map((name) => /^(?:sk|rk|pk)_(live|test)_/.exec(values[name] ?? '')?.[1]);
  const problems: string[] = [];
  if (values.ENVIRONMENT !== 'production') {
    for (const [i, name] of KEYS.entries()) {
      if (modes[i] !== 'live') continue;
      problems.push(
        `${name}: is a live key, with which real cards are charged; take a test key (Stripe's dashboard, under Developers), or leave it out, or run ./launch.sh start, which sets ENVIRONMENT=production`,
      );
    }
  }
  const [secret, publishable] = modes;
  if (secret !== undefined && publishable !== undefined && secret !== publishable) {
    problems.push(
      `STRIPE_PUBLISHABLE_KEY: is a ${publishable} key, and STRIPE_SECRET_KEY a ${secret} key; take both from one mode`,
    );
  }
  return problems;
}
