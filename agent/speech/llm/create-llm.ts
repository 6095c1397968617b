import { systemClock } from '../../../shared/clock.ts';
import type { CallConfig } from '../../../shared/config/variables.ts';
import type { SpokenCaller } from '../../person/spoken-caller.ts';
import { sentencesFor } from '../../sentences/sentences-for.ts';
import { NO_KEY, OpenAIProvider } from '../providers/openai-provider.ts';
import { ProviderChain } from '../providers/provider-chain.ts';
import { Llm } from './llm.ts';

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
