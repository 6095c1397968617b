import { defineTool, openMeter, type SentencesIn } from '../define-tool.ts';

const sentences: SentencesIn<{ summary(usedSeconds: number, remainingSeconds: number): string }> = {
  en: ({ duration }) => ({
    summary: (used, left) =>
      `In this call you have used ${duration(used)}, and you have ${duration(left)} left. Only the time in which we talk is billed.`,
  }),
  de: ({ duration }) => ({
    summary: (used, left) =>
      `In diesem Gespräch haben Sie ${duration(used)} verbraucht, und Sie haben noch ${duration(left)}. Berechnet wird nur die Zeit, in der wir sprechen.`,
  }),
  es: ({ duration }) => ({
    summary: (used, left) =>
      `En esta llamada ha usado ${duration(used)}, y tiene todavía ${duration(left)}. Solo se cobra el tiempo en que hablamos.`,
  }),
  fr: ({ duration }) => ({
    summary: (used, left) =>
      `Pendant cet appel, vous avez utilisé ${duration(used)}, et il vous reste ${duration(left)}. Seul le temps où nous parlons est facturé.`,
  }),
};

export default defineTool({
  name: 'get_session_summary',
  description: 'A summary of this call: when it began, time used and left.',
  sentences,
  execute({ call, say }) {
    const meter = openMeter(call);
    const usedSeconds = Math.floor(meter.chargedMs() / 1000);
    const remainingSeconds = meter.remainingSeconds();
    return {
      speech: say.summary(usedSeconds, remainingSeconds),
      call_id: call.callId,
      started_at: call.startedAt.toISOString(),
      used_seconds: usedSeconds,
      remaining_seconds: remainingSeconds,
    };
  },
});
