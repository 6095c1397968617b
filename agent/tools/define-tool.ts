import { llm, type voice } from '@livekit/agents';
import { z } from 'zod';
import { Fault } from '../../shared/errors.ts';
import { type Language, languageOf } from '../../shared/spoken/locales.ts';
import type { SpokenFigures } from '../sentences/sentences.ts';
import { spokenFigures } from '../sentences/sentences-for.ts';
import type { CallContext, MeterReading } from './call-context.ts';

/** What a tool answers: sentences ready to be spoken, and the exact figures behind them. */
export type Answer = { speech: string } & Readonly<Record<string, unknown>>;

type Run<Arguments, Said> = {
  args: Arguments;
  call: CallContext;
  /** The tool's own sentences, in the caller's language. */
  say: Said;
  session: voice.AgentSession<CallContext>;
};

/** What an agent is that gets tools: the assistant or the top-up desk, which never has a memory; and whether a tenant pays. */
export type AgentKind = { isDesk: boolean; hasMemory: boolean; isOfTenant?: boolean };

/** What a tool says, in every language that the agent speaks. */
export type SentencesIn<Said> = Readonly<Record<Language, (figures: SpokenFigures) => Said>>;

type Definition<Parameters extends z.ZodObject, Said> = {
  /** As the model calls it: `snake_case`. */
  name: string;
  /** What it does and when to call it. The model reads it in every turn: short. */
  description: string;
  parameters?: Parameters;
  /** To which agents the tool is given; without it to all but the top-up desk. */
  isOffered?(agent: AgentKind): boolean;
  sentences: SentencesIn<Said>;
  /**
   * @returns undefined where the tool has spoken for itself
   * @throws Fault which is told to the caller in words
   */
  execute(run: Run<z.output<Parameters>, Said>): Answer | undefined | Promise<Answer | undefined>;
};

/** A function tool of the agent. */
export type Tool = {
  name: string;
  isOffered(agent: AgentKind): boolean;
  sentences: SentencesIn<object>;
  /** As the framework wants it. */
  // biome-ignore lint/suspicious/noExplicitAny: tools of one list have different arguments
  forModel: llm.FunctionTool<any, CallContext, unknown>;
};

/** Makes a tool: README.md shows one. */
export function defineTool<Parameters extends z.ZodObject, Said extends object>(
  definition: Definition<Parameters, Said>,
): Definition<Parameters, Said> & Omit<Tool, 'sentences'> {
  const { name, description, parameters, sentences, execute } = definition;
  const run = async (args: z.output<z.ZodObject>, { ctx }: llm.ToolOptions<CallContext>) => {
    const call = ctx.userData;
    const say = sentences[languageOf(call.locale)](spokenFigures(call.locale));
    const ended = call.toolUses.begin(name);
    try {
      const answer = await execute({ args: args as z.output<Parameters>, call, say, session: ctx.session });
      ended('ok');
      return answer;
    } catch (error) {
      ended(error instanceof Fault ? 'refused' : 'failed');
      if (error instanceof Fault) throw new llm.ToolError(call.sentences.faults[error.code]);
      throw error;
    }
  };
  const schema: z.ZodObject = parameters ?? z.object({});
  const forModel = llm.tool({ name, description, parameters: schema, execute: run });
  return { isOffered: ({ isDesk }) => !isDesk, ...definition, forModel };
}

/** @throws Fault `database_unavailable` while the call is not open */
export function openMeter(call: CallContext): MeterReading {
  const meter = call.meter();
  if (!meter) throw new Fault('database_unavailable');
  return meter;
}
