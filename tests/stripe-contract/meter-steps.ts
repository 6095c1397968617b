import { idOf, making, type Step } from './step.ts';

const now = () => Math.floor(Date.now() / 1000);

/** What is used, and counted. */
export const meterSteps: readonly Step[] = [
  {
    name: 'create a meter',
    async run(stripe, made) {
      const name = `contract_${now()}`;
      made.set('event name', name);
      return making(
        made,
        'meter',
        stripe.billing.meters.create({
          display_name: 'Contract',
          event_name: name,
          default_aggregation: { formula: 'sum' },
          customer_mapping: { event_payload_key: 'stripe_customer_id', type: 'by_id' },
          value_settings: { event_payload_key: 'value' },
        }),
      );
    },
  },
  {
    name: 'create a second meter for the same events',
    refused: '',
    run: (stripe, made) =>
      stripe.billing.meters.create({
        display_name: 'Contract',
        event_name: idOf(made, 'event name'),
        default_aggregation: { formula: 'count' },
      }),
  },
  {
    name: 'send a meter event',
    run: (stripe, made) =>
      stripe.billing.meterEvents.create({
        event_name: idOf(made, 'event name'),
        identifier: `${idOf(made, 'event name')}_1`,
        timestamp: now(),
        payload: { stripe_customer_id: idOf(made, 'customer'), value: '61' },
      }),
  },
  {
    name: 'send a meter event of 36 days ago',
    refused: 'timestamp_too_far_in_past',
    run: (stripe, made) =>
      stripe.billing.meterEvents.create({
        event_name: idOf(made, 'event name'),
        timestamp: now() - 36 * 86_400,
        payload: { stripe_customer_id: idOf(made, 'customer'), value: '61' },
      }),
  },
  {
    name: 'read what a meter has counted',
    run: (stripe, made) =>
      stripe.billing.meters.listEventSummaries(idOf(made, 'meter'), {
        customer: idOf(made, 'customer'),
        start_time: now() - (now() % 60) - 3_600,
        end_time: now() - (now() % 60) + 60,
      }),
  },
  {
    name: 'take a meter event back',
    run: (stripe, made) =>
      stripe.billing.meterEventAdjustments.create({
        event_name: idOf(made, 'event name'),
        type: 'cancel',
        cancel: { identifier: `${idOf(made, 'event name')}_1` },
      }),
  },
  { name: 'close a meter', run: (stripe, made) => stripe.billing.meters.deactivate(idOf(made, 'meter')) },
];
