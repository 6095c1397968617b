import type { ConversationRecord, Finding } from './record.ts';
import { spokenAmounts } from './spoken-amounts.ts';

const finding = (kind: Finding['kind'], what: string, turn?: number): Finding => ({ kind, turn, what });

/** Each package that was wanted is ordered once, at its price, which is the one on the page. */
function checkOrders({ scenario, orders, pricing, messages }: ConversationRecord): Finding[] {
  const ordered = orders.map(({ package_id }) => package_id).toSorted();
  const wanted = scenario.orders === 'any' ? [...new Set(ordered)] : (scenario.orders ?? []).toSorted();
  const shown = messages.filter(({ type }) => type === 'purchase');
  const priceOf = (id: string | undefined) => pricing.packages.find((one) => one.id === id)?.price_cents;
  return [
    ...(wanted.join() === ordered.join()
      ? []
      : [finding('order', `ordered [${ordered}], wanted [${wanted}]`)]),
    ...orders
      .filter(({ package_id, amount_cents }) => amount_cents !== priceOf(package_id))
      .map(({ package_id, amount_cents }) => finding('order', `${package_id} at ${amount_cents} cents`)),
    ...shown
      .filter(({ package_id, price_cents }) => price_cents !== priceOf(package_id))
      .map(({ package_id, price_cents }) => finding('order', `page shows ${package_id} at ${price_cents}`)),
  ];
}

/** Where a purchase was begun and not interrupted, the price said is the one charged. */
function checkPricesSaid({ turns, orders }: ConversationRecord): Finding[] {
  return turns.flatMap(({ turn, calls, answers }, i) => {
    const call = calls.find(({ name, isError }) => name === 'start_purchase_process' && !isError);
    const order = orders.find(({ package_id }) => package_id === String(call?.args.package_id).toLowerCase());
    if (!call || turn.interrupted) return [];
    const prices = spokenAmounts(answers.join(' ')).filter((amount) => amount.kind === 'money');
    return prices.some((price) => price.cents === order?.amount_cents)
      ? []
      : [finding('order', `the price charged, ${order?.amount_cents} cents, was not said: ${answers}`, i)];
  });
}

/** Finds orders nobody wanted, prices that are not charged, and time that nobody paid for. */
export function checkMoney(record: ConversationRecord): Finding[] {
  const gains = record.scenario.gainsSeconds ?? 0;
  return [
    ...checkOrders(record),
    ...checkPricesSaid(record),
    ...(gains === 'any' || record.gainedSeconds === gains
      ? []
      : [finding('time_given', `${record.gainedSeconds} seconds gained, expected ${gains}`)]),
  ];
}
