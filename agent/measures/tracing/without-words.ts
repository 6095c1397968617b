import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/**
 * What may leave this machine. A list of what is allowed, because the framework puts whole conversations into spans
 * (`lk.pii.*`, `gen_ai.*.messages`, arguments of tools), and what it will put there next nobody knows.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 */
const ALLOWED = new Set([
  'error.type',
  'gen_ai.operation.name',
  'gen_ai.output.type',
  'gen_ai.provider.name',
  'gen_ai.request.model',
  'gen_ai.request.stream',
  'gen_ai.response.finish_reasons',
  'gen_ai.response.model',
  'gen_ai.response.time_to_first_chunk',
  'gen_ai.tool.name',
  'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.output_tokens',
  'lk.e2e_latency',
  'lk.end_of_turn_delay',
  'lk.eou.detection_delay',
  'lk.eou.endpointing_delay',
  'lk.eou.from_cache',
  'lk.eou.probability',
  'lk.eou.source',
  'lk.eou.unlikely_threshold',
  'lk.function_tool.is_error',
  'lk.function_tool.name',
  'lk.generation_id',
  'lk.interrupted',
  'lk.is_interruption',
  'lk.parent_generation_id',
  'lk.response.ttfb',
  'lk.response.ttft',
  'lk.retry_count',
  'lk.speech_id',
  'lk.transcript_confidence',
  'lk.transcription_delay',
  'lk.tts.label',
  'lk.tts.streaming',
]);

/** A name or an id: a sentence has spaces. */
const isName = (value: unknown) => typeof value === 'string' && /^[\w.:@/-]{1,100}$/.test(value);

function isHarmless(value: AttributeValue | undefined): boolean {
  if (Array.isArray(value)) return value.length <= 10 && value.every(isName);
  return typeof value === 'number' || typeof value === 'boolean' || isName(value);
}

function allowedOf(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([name, value]) => ALLOWED.has(name) && isHarmless(value)),
  );
}

/** The framework's own names are one word, or one and a model's name. */
const nameOf = (name: string) => (/^\w{1,60}( [\w.:-]{1,60})?$/.test(name) ? name : 'span');

/** The same span without anything that somebody said, typed or was told. */
export function withoutWords(span: ReadableSpan): ReadableSpan {
  const { parentSpanContext } = span;
  return {
    name: nameOf(span.name),
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(parentSpanContext && { parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    // The message of a failure may quote what failed.
    status: { code: span.status.code },
    attributes: allowedOf(span.attributes),
    links: span.links.map(({ context }) => ({ context })),
    events: span.events
      .filter(({ name }) => name === 'exception')
      .map(({ name, time, attributes }) => {
        const type = attributes?.['exception.type'];
        return {
          name,
          time,
          attributes: isName(type) && type !== undefined ? { 'exception.type': type } : {},
        };
      }),
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
