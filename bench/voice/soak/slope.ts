/** Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1 on; about 2 from there on. */
const T = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];

export type Slope = {
  perUnit: number;
  standardError: number /** 95 % surely no less than that. */;
  atLeast: number;
};

/**
 * Least squares line through points; with fewer than three nothing can be said, and `atLeast` is minus infinity.
 * @param points x (such as calls so far), y
 */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const n = points.length;
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const perUnit = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  if (n < 3) return { perUnit, standardError: Number.NaN, atLeast: Number.NEGATIVE_INFINITY };
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - perUnit * (x - meanX)) ** 2, 0);
  const standardError = Math.sqrt(residual / (n - 2) / spread);
  return { perUnit, standardError, atLeast: perUnit - (T[n - 3] ?? 2) * standardError };
}
