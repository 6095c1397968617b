import { DEFAULT_API_CONNECT_OPTIONS, llm } from '@livekit/agents';
import * as openai from '@livekit/agents-plugin-openai';
import type { OpenAIProvider } from '../providers/openai-provider.ts';
import type { ProviderChain } from '../providers/provider-chain.ts';
import { toApiError } from '../providers/to-api-error.ts';
import { tryProviders } from '../providers/try-providers.ts';
import { withinDeadline } from '../providers/within-deadline.ts';
import { withoutWrittenCalls } from './written-calls.ts';

export type AnswerWords = {
  /** In front of an answer that comes late because a provider failed. */
  sorryForTheWait: string;
  /** In front of an answer that begins anew because it broke off. */
  letMeStartAgain: string;
};

export type ChatOptions = Parameters<llm.LLM['chat']>[0];

/** To whom the framework reports one answer: with the model and the address of who gave it. */
class Report extends llm.LLM {
  by: OpenAIProvider;
  readonly #label: string;

  constructor(by: OpenAIProvider, label: string) {
    super();
    this.by = by;
    this.#label = label;
  }

  override label(): string {
    return this.#label;
  }

  override get model(): string {
    return this.by.model;
  }

  override get provider(): string {
    return this.by.host;
  }

  override chat(): never {
    throw new TypeError('Reports only.');
  }
}

/**
 * One answer of the first provider that gives it.
 *
 * Not the framework's FallbackAdapter: it has no deadline between tokens, asks the one that failed the whole question
 * again in the background, at our cost, and when that fails, too, never asks it again.
 */
export class Answer extends llm.LLMStream {
  readonly #model: llm.LLM;
  readonly #report: Report;
  readonly #chain: ProviderChain<OpenAIProvider>;
  readonly #words: AnswerWords;
  readonly #options: ChatOptions;
  #hasSpoken = false;
  #hasActed = false;

  constructor(
    model: llm.LLM,
    chain: ProviderChain<OpenAIProvider>,
    words: AnswerWords,
    options: ChatOptions,
  ) {
    const report = new Report(chain.providers[0], model.label());
    // All attempts are made here: the framework would make each of them several times.
    const connOptions = { ...DEFAULT_API_CONNECT_OPTIONS, ...options.connOptions, maxRetry: 0 };
    super(report, { chatCtx: options.chatCtx, toolCtx: options.toolCtx ?? [], connOptions });
    this.#model = model;
    this.#report = report;
    this.#chain = chain;
    this.#words = words;
    this.#options = options;
    report.on('metrics_collected', (metrics) => model.emit('metrics_collected', metrics));
    report.on('error', (error) => model.emit('error', error));
  }

  protected async run(): Promise<void> {
    await tryProviders(this.#chain, {
      signal: this.abortController.signal,
      attempt: (provider, isLater) => this.#attempt(provider, isLater),
      failed: (error, timestamp) =>
        this.#model.emit('error', {
          type: 'llm_error',
          timestamp,
          label: this.#model.label(),
          error,
          recoverable: true,
        }),
    });
  }

  async #attempt(provider: OpenAIProvider, isLater: boolean): Promise<void> {
    this.#report.by = provider;
    // What was said cannot be taken back: the caller hears that it begins anew, and then all of it.
    const sorry = this.#hasSpoken ? ` ${this.#words.letMeStartAgain}` : this.#words.sorryForTheWait;
    let isToApologise = isLater;
    try {
      const names = Object.keys(this.toolCtx?.functionTools ?? {});
      for await (const chunk of withoutWrittenCalls(this.#ask(provider), names)) {
        if (this.abortController.signal.aborted) return;
        if (isToApologise && llm.hasResponse(chunk)) {
          isToApologise = false;
          this.queue.put({ id: chunk.id, delta: { role: 'assistant', content: `${sorry} ` } });
        }
        this.#hasSpoken ||= Boolean(chunk.delta?.content);
        this.#hasActed ||= Boolean(chunk.delta?.toolCalls?.length);
        this.queue.put(chunk);
      }
    } catch (error) {
      // The tool runs already and must not run twice; what it brings is the model's next question.
      if (!this.#hasActed) throw error;
    }
  }

  /** Asks one provider once. A client of its own, because the plugin tells of failures by the client only. */
  async *#ask(provider: OpenAIProvider): AsyncGenerator<llm.ChatChunk> {
    const { model, client, deadlineMs } = provider;
    const plugin = new openai.LLM({ client, model });
    let failure: Error | undefined;
    plugin.on('error', ({ error }) => {
      failure = error;
    });
    const connOptions = { maxRetry: 0, retryIntervalMs: 0, timeoutMs: deadlineMs };
    const stream = plugin.chat({ ...this.#options, connOptions } as Parameters<openai.LLM['chat']>[0]);
    const stop = () => stream.close();
    this.abortController.signal.addEventListener('abort', stop, { once: true });
    try {
      yield* withinDeadline(stream, deadlineMs, this.#chain.clock);
      if (failure) throw toApiError(failure);
    } finally {
      this.abortController.signal.removeEventListener('abort', stop);
      stop();
    }
  }
}
