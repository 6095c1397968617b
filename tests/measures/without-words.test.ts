import { ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';
import { withoutWords } from '../../agent/measures/tracing/without-words.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

const SECRET = 'my code is ABCD EFGH';

test('whatever place of a span somebody puts words into, they stay here', () => {
  const tracer = provider.getTracer('test');
  const other = tracer.startSpan('other');
  const span = tracer.startSpan(
    `user said ${SECRET}`,
    {
      attributes: {
        'lk.pii.user_input': SECRET,
        'gen_ai.input.messages': SECRET,
        'gen_ai.tool.call.arguments': SECRET,
        'lk.session_options': SECRET,
        'lk.an_attribute_to_come': SECRET,
        // Allowed, but no name.
        'gen_ai.tool.name': SECRET,
        'gen_ai.response.finish_reasons': ['stop', SECRET],
      },
      links: [{ context: other.spanContext(), attributes: { why: SECRET } }],
    },
    ROOT_CONTEXT,
  );
  span.recordException(new TypeError(SECRET));
  span.addEvent('gen_ai.user.message', { content: SECRET });
  span.setStatus({ code: SpanStatusCode.ERROR, message: SECRET });
  span.end();
  const [raw] = exporter.getFinishedSpans();
  if (raw === undefined) throw new Error('no span');
  const parts = ({ name, attributes, events, links, status }: typeof raw) =>
    JSON.stringify({ name, attributes, events, links, status });
  expect(parts(raw)).toContain(SECRET);
  const clean = withoutWords(raw);
  expect(parts(clean)).not.toMatch(/ABCD|code is|EFGH/);
  expect(clean).toMatchObject({
    name: 'span',
    status: { code: SpanStatusCode.ERROR },
    events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }],
    links: [{ context: other.spanContext() }],
  });
});

test('durations, counts and names go out as they are', () => {
  exporter.reset();
  const attributes = {
    'lk.response.ttft': 0.31,
    'gen_ai.usage.input_tokens': 512,
    'lk.interrupted': false,
    'gen_ai.request.model': 'gpt-4.1-mini',
    'gen_ai.response.finish_reasons': ['stop'],
  };
  const span = provider.getTracer('test').startSpan('chat gpt-4.1-mini', { attributes });
  span.end();
  const [raw] = exporter.getFinishedSpans();
  if (raw === undefined) throw new Error('no span');
  const clean = withoutWords(raw);
  expect(clean).toMatchObject({ name: 'chat gpt-4.1-mini', attributes, duration: raw.duration });
  expect(clean.spanContext()).toEqual(raw.spanContext());
});
