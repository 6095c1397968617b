import { defineAgent } from '@livekit/agents';
import { spokenCaller } from '../../../agent/person/caller-profile.ts';
import { createModels } from '../../../agent/speech/create-models.ts';
import { loadConfig } from '../../../shared/config/load-config.ts';
import { callVariables } from '../../../shared/config/variables.ts';
import { serveBare } from './serve-bare.ts';

/**
 * A bare agent that hears, thinks and speaks through our classes: what ours adds besides (the meter, tools, secrecy of
 * codes, watching the line) is the difference to this one.
 */
export default defineAgent({
  entry: (ctx) => {
    const config = loadConfig(callVariables, process.env);
    return serveBare(ctx, createModels(config, spokenCaller(config)));
  },
});
