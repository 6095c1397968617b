import type { ModelAddress } from './run-scenario.ts';

const DEFAULT_MODEL = 'gpt-4.1-mini';

export type EvaluationSettings = {
  /** Undefined: there is no model to evaluate. */
  address: ModelAddress | undefined;
  judge: ModelAddress | undefined;
  runs: number;
  /** 0 to 1: how many of the runs have to be without findings. Grave findings are none of them. */
  passRate: number;
  /** Where the report goes. */
  folder: string;
};

/** Said where the evaluation on a real model is skipped. */
export const HOW_TO_EVALUATE =
  'Skipped: the scenarios on a real model, and their judge. Set EVAL_OPENAI_API_KEY, or EVAL_OPENAI_BASE_URL for any ' +
  'server that speaks the same protocol, and EVAL_OPENAI_MODEL, and say npm run evaluate: docs/evaluation.md.';

function numberOf(text: string | undefined, otherwise: number): number {
  const number = text ? Number(text) : otherwise;
  if (!Number.isFinite(number) || number <= 0) throw new Error(`not a positive number: ${text}`);
  return number;
}

/** Reads `EVAL_*`; an empty variable counts as not set. */
export function readEvaluationSettings(env: NodeJS.ProcessEnv): EvaluationSettings {
  const { EVAL_OPENAI_BASE_URL: url, EVAL_OPENAI_API_KEY: key, EVAL_OPENAI_MODEL: model } = env;
  const address =
    url || key
      ? {
          model: model || DEFAULT_MODEL,
          // Servers on this machine often want no key; the client insists on one.
          apiKey: key || 'none',
          baseURL: url || 'https://api.openai.com/v1',
        }
      : undefined;
  return {
    address,
    judge: address && { ...address, model: env.EVAL_JUDGE_MODEL || address.model },
    runs: Math.ceil(numberOf(env.EVAL_RUNS, 3)),
    passRate: Math.min(1, numberOf(env.EVAL_PASS_RATE, 0.66)),
    folder: env.EVAL_REPORT_FOLDER || '.mindbot/evaluation',
  };
}
