import { defineTool, openMeter } from '../define-tool.ts';
import { tellableDebt } from '../read-debt.ts';

export default defineTool({
  name: 'check_time_balance',
  description: 'How much prepaid time the caller has left.',
  sentences: {
    en: ({ duration }) => ({
      left: (seconds: number) => `You have ${duration(seconds)} left.`,
    }),
    de: ({ duration }) => ({
      left: (seconds: number) => `Sie haben noch ${duration(seconds)}.`,
    }),
    es: ({ duration }) => ({
      left: (seconds: number) => `Tiene todavía ${duration(seconds)}.`,
    }),
    fr: ({ duration }) => ({
      left: (seconds: number) => `Il vous reste ${duration(seconds)}.`,
    }),
  },
  async execute({ call, say }) {
    const meter = openMeter(call);
    await meter.renew();
    const remainingSeconds = meter.remainingSeconds();
    const expiringSeconds = meter.expiringSeconds();
    const expiry = expiringSeconds > 0 ? ` ${call.sentences.expiresSoon(expiringSeconds)}` : '';
    const debtSeconds = await tellableDebt(call);
    const debt = debtSeconds > 0 ? ` ${call.sentences.owed(debtSeconds)}` : '';
    return {
      speech: say.left(remainingSeconds) + expiry + debt,
      debt_seconds: debtSeconds,
      expiring_seconds: expiringSeconds,
      remaining_seconds: remainingSeconds,
      used_in_this_call_seconds: Math.floor(meter.chargedMs() / 1000),
    };
  },
});
