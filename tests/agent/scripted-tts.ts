import type { metrics } from '@livekit/agents';
import { ProviderChain } from '../../agent/speech/providers/provider-chain.ts';
import { SpeechProvider } from '../../agent/speech/tts/speech-provider.ts';
import { Tts } from '../../agent/speech/tts/tts.ts';
import type { ScriptedProvider } from './scripted-provider.ts';
import type { Watch } from './test-with-providers.ts';

const DEADLINE_MS = 250;

const provider = ({ baseUrl }: ScriptedProvider, model: string) =>
  new SpeechProvider({ baseUrl, apiKey: `key of ${model}`, model, voice: 'echo', deadlineMs: DEADLINE_MS });

/** A voice of one provider, or of more where the first one fails. */
export function voiceOf(
  watch: Watch<metrics.TTSMetrics>,
  ...servers: [ScriptedProvider, ...ScriptedProvider[]]
): Tts {
  const [one, ...others] = servers;
  const providers = others.map((server, index) => provider(server, `other ${index + 1}`));
  const voice = new Tts(new ProviderChain([provider(one, 'main'), ...providers], watch.clock), 'Sorry.');
  voice.on('error', ({ recoverable }) => watch.errors.push(recoverable));
  voice.on('metrics_collected', (metrics) => watch.counted.push(metrics));
  return voice;
}
