import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { z } from 'zod';
import type { CallMeasures } from '../measures/call-measures.ts';
import { TURN_PARTS, type Turn } from '../measures/turn-log.ts';
import { MEMORY_OUTCOMES } from '../memory/call-memory.ts';

const count = z.int().nonnegative();
const name = z.string().max(64);

/**
 * Calls run in processes of their own, figures are read from the worker: a job sends each figure as a
 * datagram on loopback, and never waits for it. A lost one costs a data point, never a second of a call.
 */
const reportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('turn'), parts: z.partialRecord(z.enum(TURN_PARTS), z.number().nonnegative()) }),
  z.object({
    type: z.literal('call_measured'),
    interruptions: count,
    false_interruptions: count,
    unanswered_turns: count,
    tool_calls: count,
    retries: count,
    errors_by_provider: z.record(name, count),
    provider_cost_micros: count,
    unpriced: z.array(name),
    quality: z.int().min(0).max(100).nullable(),
    llm: z.array(z.object({ model: name, input_tokens: count, cached_tokens: count, output_tokens: count })),
    tts: z.array(z.object({ model: name, characters: count, audio_ms: count })),
    stt: z.array(z.object({ model: name, audio_ms: count })),
  }),
  z.object({ type: z.literal('reached'), call_id: z.uuid(), stage: z.enum(['answering', 'talking']) }),
  z.object({ type: z.literal('renewal_failed') }),
  z.object({ type: z.literal('unhandled_rejection') }),
  z.object({ type: z.literal('memory'), outcome: z.enum(MEMORY_OUTCOMES) }),
  z.object({
    type: z.literal('call_ended'),
    reason: z.string().max(100),
    charged_seconds: z.int(),
    settled: z.boolean(),
  }),
]);

export type Report = z.infer<typeof reportSchema>;

/** A turn as the worker's metrics take it. */
export function turnReport(turn: Turn): Report {
  const parts = TURN_PARTS.flatMap((part) => {
    const ms = turn[part];
    return ms === undefined ? [] : [[part, ms / 1000]];
  });
  return { type: 'turn', parts: Object.fromEntries(parts) };
}

/** A call that ended as the worker's metrics take it. */
export function measuresReport(measures: CallMeasures): Report {
  const { llm, tts, stt, unpriced, quality, provider_cost_micros, errors_by_provider } = measures;
  return {
    type: 'call_measured',
    interruptions: measures.interruptions,
    false_interruptions: measures.false_interruptions,
    unanswered_turns: measures.unanswered_turns,
    tool_calls: measures.tool_calls,
    retries: measures.retries,
    errors_by_provider,
    provider_cost_micros,
    unpriced,
    quality,
    llm,
    tts,
    stt,
  };
}

/** Name of the variable that tells a job process where its worker listens. */
const PORT_VARIABLE = 'MINDBOT_REPORT_PORT';

/** Listens for reports of this worker's jobs; job processes started later know the way. */
export async function listenForReports(receive: (report: Report) => void): Promise<{ close(): void }> {
  const socket = createSocket('udp4');
  socket.on('message', (message) => {
    const report = reportSchema.safeParse(parseJson(message.toString()));
    if (report.success) receive(report.data);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  process.env[PORT_VARIABLE] = String(socket.address().port);
  return { close: () => socket.close() };
}

/** The job's end. Does nothing where no worker listens, as in a terminal. */
export function openReporter(): (report: Report) => void {
  const port = Number(process.env[PORT_VARIABLE] ?? 0);
  if (port === 0) return () => {};
  const socket = createSocket('udp4').unref();
  socket.on('error', () => {});
  return (report) => socket.send(JSON.stringify(report), port, '127.0.0.1');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
