import { z } from 'zod';

const times = z.number().int().min(1).max(1_000_000).default(1);

/** `charge.*` matches every type that begins with `charge.`. */
const pattern = z.string().min(1).max(200);

const requestFault = z.strictObject({
  on: z.literal('request'),
  method: z.enum(['GET', 'POST', 'DELETE']).optional(),
  path: pattern.default('*'),
  /**
   * `api_error`: 500, nothing is done. `rate_limited`: 429, nothing is done. `drop_answer`: all is done, then
   * the connection is cut. `hang`: all is done, and the answer never comes.
   */
  fault: z.enum(['api_error', 'drop_answer', 'hang', 'rate_limited']),
  times,
});

const deliveryFault = z.strictObject({
  on: z.literal('delivery'),
  type: pattern.default('*'),
  /**
   * `drop`: never sent, stays listed as undelivered. `duplicate`: sent twice. `delay`: sent later. `reorder`:
   * held together for a while, then sent one by one, newest first.
   */
  fault: z.enum(['delay', 'drop', 'duplicate', 'reorder']),
  /** For `delay` and `reorder`, in milliseconds. */
  delay_ms: z.number().int().min(0).max(3_600_000).default(1_000),
  times,
});

/** What shall go wrong, the next so many times that it could. */
const faultRule = z.discriminatedUnion('on', [requestFault, deliveryFault]);
export const faultRules = z.array(faultRule).max(100);

export type FaultRule = z.input<typeof faultRule>;
export type RequestFault = z.output<typeof requestFault>['fault'];
type Rule = z.output<typeof faultRule>;
export type DeliveryFault = Pick<z.output<typeof deliveryFault>, 'fault' | 'delay_ms'>;

function matches(glob: string, text: string): boolean {
  return glob.endsWith('*') ? text.startsWith(glob.slice(0, -1)) : text === glob;
}

/** The faults that are still to be staged. The first rule that matches is used, and used up. */
export class FaultPlan {
  #rules: Rule[] = [];

  /** Replaces what was planned. @throws ZodError for a rule that makes no sense. */
  set(rules: readonly FaultRule[]): void {
    this.#rules = faultRules.parse(rules);
  }

  list(): readonly Rule[] {
    return this.#rules;
  }

  nextForRequest(request: { method: string; path: string }): RequestFault | undefined {
    return this.#take(
      (rule) =>
        rule.on === 'request' &&
        (rule.method ?? request.method) === request.method &&
        matches(rule.path, request.path),
      (rule) => (rule.on === 'request' ? rule.fault : undefined),
    );
  }

  nextForDelivery(eventType: string): DeliveryFault | undefined {
    return this.#take(
      (rule) => rule.on === 'delivery' && matches(rule.type, eventType),
      (rule) => (rule.on === 'delivery' ? { fault: rule.fault, delay_ms: rule.delay_ms } : undefined),
    );
  }

  #take<Taken>(fits: (rule: Rule) => boolean, taken: (rule: Rule) => Taken): Taken | undefined {
    const rule = this.#rules.find(fits);
    if (rule === undefined) return undefined;
    this.#rules = this.#rules.flatMap((other) => {
      if (other !== rule) return [other];
      return rule.times > 1 ? [{ ...rule, times: rule.times - 1 }] : [];
    });
    return taken(rule);
  }
}
