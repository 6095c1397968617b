import { readAccount } from '../../../shared/time/read-account.ts';
import type { CallContext } from '../call-context.ts';
import { defineTool, openMeter } from '../define-tool.ts';

/** What the caller owes. The balance is told, too, where nobody answers that. */
async function readDebt({ database, userId }: CallContext): Promise<number> {
  return readAccount(database, userId).then(
    ({ debtSeconds }) => debtSeconds,
    () => 0,
  );
}

export default defineTool({
  name: 'check_time_balance',
  description: 'How much prepaid time the caller has left.',
  sentences: {
    en: ({ duration }) => ({
      left: (seconds: number) => `You have ${duration(seconds)} left.`,
      owed: (seconds: number) =>
        `You owe ${duration(seconds)} that you used and got your money back for. What you buy next pays that first.`,
    }),
    de: ({ duration }) => ({
      left: (seconds: number) => `Sie haben noch ${duration(seconds)}.`,
      owed: (seconds: number) =>
        `Offen sind ${duration(seconds)}, die Sie genutzt und erstattet bekommen haben. Ihr nächster Kauf begleicht das zuerst.`,
    }),
    es: ({ duration }) => ({
      left: (seconds: number) => `Tiene todavía ${duration(seconds)}.`,
      owed: (seconds: number) =>
        `Debe ${duration(seconds)} que usó y cuyo importe se le devolvió. Su próxima compra paga primero eso.`,
    }),
    fr: ({ duration }) => ({
      left: (seconds: number) => `Il vous reste ${duration(seconds)}.`,
      owed: (seconds: number) =>
        `Vous devez ${duration(seconds)} de temps utilisé puis remboursé. Votre prochain achat le paie d'abord.`,
    }),
  },
  async execute({ call, say }) {
    const meter = openMeter(call);
    await meter.renew();
    const remainingSeconds = meter.remainingSeconds();
    const expiringSeconds = meter.expiringSeconds();
    const expiry = expiringSeconds > 0 ? ` ${call.sentences.expiresSoon(expiringSeconds)}` : '';
    // Who owes has nothing free: the database is not asked about anybody else.
    const debtSeconds = meter.grant.freeSeconds === 0 ? await readDebt(call) : 0;
    const debt = debtSeconds > 0 ? ` ${say.owed(debtSeconds)}` : '';
    return {
      speech: say.left(remainingSeconds) + expiry + debt,
      debt_seconds: debtSeconds,
      expiring_seconds: expiringSeconds,
      remaining_seconds: remainingSeconds,
      used_in_this_call_seconds: Math.floor(meter.chargedMs() / 1000),
    };
  },
});
