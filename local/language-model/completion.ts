import { createHash } from 'node:crypto';
import type { Answer, ChatRequest } from './chat-request.ts';
import { CHARACTERS_A_TOKEN, shorten } from './shorten.ts';

const isTooLong = (answer: object, request: ChatRequest) =>
  shorten(JSON.stringify(answer), { ...request, stop: null }).isCut;

/** The two shapes of an answer: https://platform.openai.com/docs/api-reference/chat/object and /chat/streaming. */
export class Completion {
  readonly #request: ChatRequest;
  readonly #answer: Answer;
  readonly #isCut: boolean;
  readonly #hash: string;

  constructor(request: ChatRequest, answer: Answer) {
    this.#request = request;
    const short =
      'text' in answer ? shorten(answer.text, request) : { text: '', isCut: isTooLong(answer, request) };
    // A call that was cut off could not be read: better none, as a model leaves off.
    this.#answer = 'text' in answer || short.isCut ? { text: short.text } : answer;
    this.#isCut = short.isCut;
    // Ids that follow from the request stay the same in a repeated test and differ from turn to turn.
    this.#hash = createHash('sha256').update(JSON.stringify(request.messages)).digest('hex').slice(0, 24);
  }

  /** The answer to a request without `stream`. */
  toJson(): object {
    const answer = this.#answer;
    const message =
      'text' in answer
        ? { role: 'assistant', content: answer.text, refusal: null }
        : { role: 'assistant', content: null, refusal: null, tool_calls: [this.#toolCall(answer.call)] };
    return {
      ...this.#envelope('chat.completion'),
      choices: [{ index: 0, message, logprobs: null, finish_reason: this.#finishReason() }],
      usage: this.#usage(),
    };
  }

  /** The chunks of an answer to a request with `stream`, without the closing `[DONE]`. */
  *toChunks(): Generator<object> {
    const includesUsage = this.#request.stream_options?.include_usage === true;
    const envelope = this.#envelope('chat.completion.chunk');
    const usage = includesUsage ? { usage: null } : {};
    for (const delta of this.#deltas()) {
      yield { ...envelope, choices: [{ index: 0, delta, logprobs: null, finish_reason: null }], ...usage };
    }
    const last = { index: 0, delta: {}, logprobs: null, finish_reason: this.#finishReason() };
    yield { ...envelope, choices: [last], ...usage };
    if (includesUsage) yield { ...envelope, choices: [], usage: this.#usage() };
  }

  *#deltas(): Generator<object> {
    const answer = this.#answer;
    if ('text' in answer) {
      yield { role: 'assistant', content: '', refusal: null };
      for (const word of answer.text.match(/\S+\s*/g) ?? []) yield { content: word };
      return;
    }
    const call = this.#toolCall(answer.call);
    const opening = { ...call, index: 0, function: { name: call.function.name, arguments: '' } };
    yield { role: 'assistant', content: null, tool_calls: [opening] };
    for (const part of call.function.arguments.match(/.{1,12}/g) ?? []) {
      yield { tool_calls: [{ index: 0, function: { arguments: part } }] };
    }
  }

  #toolCall(call: { name: string; arguments: Record<string, string | boolean> }) {
    const encoded = { name: call.name, arguments: JSON.stringify(call.arguments) };
    return { id: `call_${this.#hash}`, type: 'function', function: encoded };
  }

  #finishReason(): 'stop' | 'tool_calls' | 'length' {
    if (this.#isCut) return 'length';
    return 'text' in this.#answer ? 'stop' : 'tool_calls';
  }

  #envelope(object: string) {
    const created = Math.floor(Date.now() / 1000);
    return { id: `chatcmpl-${this.#hash}`, object, created, model: this.#request.model };
  }

  #usage() {
    const tokens = (value: unknown) => Math.ceil(JSON.stringify(value).length / CHARACTERS_A_TOKEN);
    const prompt = tokens(this.#request.messages);
    const completion = tokens(this.#answer);
    return {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: 0 },
    };
  }
}
