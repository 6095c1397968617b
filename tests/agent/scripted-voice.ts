import type { metrics } from '@livekit/agents';
import { ProviderChain } from '../../agent/speech/providers/provider-chain.ts';
import { SpeechProvider } from '../../agent/speech/voice/speech-provider.ts';
import { Voice } from '../../agent/speech/voice/voice.ts';
import type { ScriptedProvider } from './scripted-provider.ts';
import type { Watch } from './test-with-providers.ts';

const DEADLINE_MS = 250;

const provider = ({ baseUrl }: ScriptedProvider, model: string) =>
  new SpeechProvider({ baseUrl, apiKey: `key of ${model}`, model, voice: 'echo', deadlineMs: DEADLINE_MS });

/** A voice of one provider, or of more where the first one fails. */
export function voiceOf(
  watch: Watch<metrics.TTSMetrics>,
  ...servers: [ScriptedProvider, ...ScriptedProvider[]]
): Voice {
  const [one, ...others] = servers;
  const providers = others.map((server, index) => provider(server, `other ${index + 1}`));
  const voice = new Voice(new ProviderChain([provider(one, 'main'), ...providers], watch.clock), 'Sorry.');
  voice.on('error', ({ recoverable }) => watch.errors.push(recoverable));
  voice.on('metrics_collected', (metrics) => watch.counted.push(metrics));
  return voice;
}
