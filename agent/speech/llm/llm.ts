import { llm } from '@livekit/agents';
import { systemClock } from '../../../shared/clock.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { SpokenCaller } from '../../person/caller-profile.ts';
import { sentencesFor } from '../../sentences/sentences-for.ts';
import { NO_KEY, OpenAIProvider } from '../providers/openai-provider.ts';
import { ProviderChain } from '../providers/provider-chain.ts';
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

/** Who else may answer: a second model at the same address, then a second provider. */
function fallbackProviders(config: CallConfig): OpenAIProvider[] {
  const { OPENAI_FALLBACK_MODEL: model, OPENAI_FALLBACK_BASE_URL: baseUrl } = config;
  const deadlineMs = config.OPENAI_DEADLINE_MS;
  const providers: OpenAIProvider[] = [];
  if (model !== undefined) {
    const { OPENAI_BASE_URL, OPENAI_API_KEY } = config;
    providers.push(
      new OpenAIProvider({ baseUrl: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY, model, deadlineMs }),
    );
  }
  if (baseUrl !== undefined) {
    providers.push(
      new OpenAIProvider({
        baseUrl,
        apiKey: config.OPENAI_FALLBACK_API_KEY ?? NO_KEY,
        model: config.OPENAI_FALLBACK_PROVIDER_MODEL ?? model ?? config.OPENAI_MODEL,
        deadlineMs,
      }),
    );
  }
  return providers;
}

/** Who may answer, the one that is meant first. */
export function languageProviders(config: CallConfig): [OpenAIProvider, ...OpenAIProvider[]] {
  const first = new OpenAIProvider({
    baseUrl: config.OPENAI_BASE_URL,
    apiKey: config.OPENAI_API_KEY,
    model: config.OPENAI_MODEL,
    deadlineMs: config.OPENAI_DEADLINE_MS,
  });
  return [first, ...fallbackProviders(config)];
}

/** The language model: anything behind OpenAI's chat completions. */
export function createLlm(config: CallConfig, caller: SpokenCaller): Llm {
  const chain = new ProviderChain(languageProviders(config), systemClock);
  return new Llm(chain, sentencesFor(caller.locale));
}
