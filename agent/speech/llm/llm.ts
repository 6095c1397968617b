import { llm } from '@livekit/agents';
import type { OpenAIProvider } from '../providers/openai-provider.ts';
import type { ProviderChain } from '../providers/provider-chain.ts';
import { Answer, type AnswerWords, type ChatOptions } from './answer.ts';

/**
 * The language model: the first of several that answers. Of an attempt that fails it tells by an error that is
 * recoverable, of a turn without an answer by one that is not.
 */
export class Llm extends llm.LLM {
  readonly #chain: ProviderChain<OpenAIProvider>;
  readonly #words: AnswerWords;

  constructor(chain: ProviderChain<OpenAIProvider>, words: AnswerWords) {
    super();
    this.#chain = chain;
    this.#words = words;
    // The session listens while an agent is active; in between, an error without a listener would be thrown.
    this.on('error', () => {});
  }

  override label(): string {
    return 'mindbot.Llm';
  }

  override get model(): string {
    return this.#chain.providers[0].model;
  }

  override get provider(): string {
    return this.#chain.providers[0].host;
  }

  override chat(options: ChatOptions): Answer {
    return new Answer(this, this.#chain, this.#words, options);
  }

  protected override async _prewarmImpl(signal: AbortSignal): Promise<void> {
    await this.#chain.providers[0].client.models.list({ signal });
  }
}
