import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { Fault } from '../../shared/errors.ts';
import { describeCause } from '../base/failures.ts';
import { beginJob, beginTool, endTool, type Outcome, type Payer } from './meter-tool.ts';
import { TOOLS, type ToolResult, type ToolUser } from './tools.ts';

/** More members and entries than any argument of a tool has. */
const MOST_ELEMENTS = 100;

type Caller = ToolUser & Payer;
type Tool = (typeof TOOLS)[number];

function answer(result: ToolResult): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result };
}

/** What went wrong, in words for whoever reads them: a model, mostly. */
function refusal({ code, message }: Fault): CallToolResult {
  return { isError: true, content: [{ type: 'text', text: `${code}: ${message}` }] };
}

/** Runs a tool between its beginning and its end in the books: one event of usage comes of it, however it ends. */
async function runTool(tool: Tool, args: ToolResult, caller: Caller): Promise<CallToolResult> {
  const { database, logger } = caller.deps;
  const id = await beginTool(database, caller, tool.name);
  let outcome: Outcome = 'ok';
  let result: CallToolResult;
  try {
    result = answer(await tool.run(args, caller));
  } catch (error) {
    outcome = error instanceof Fault ? 'refused' : 'failed';
    if (outcome === 'failed') logger.error({ tool: tool.name, cause: describeCause(error) }, 'a tool failed');
    result = refusal(error instanceof Fault ? error : new Fault('internal'));
  }
  try {
    await endTool(database, id, outcome);
  } catch (error) {
    // It is recorded as unfinished. Whoever asked has their answer all the same: it was worked for.
    logger.warn({ tool: tool.name, cause: describeCause(error) }, 'the end of a tool could not be told');
  }
  return result;
}

async function perform(tool: Tool, args: ToolResult, caller: Caller): Promise<CallToolResult> {
  try {
    if (!tool.isJob) return await runTool(tool, args, caller);
    return answer({ job_id: await beginJob(caller.deps.database, caller, tool.name) });
  } catch (error) {
    // Before the tool began: nothing was done, and nothing is recorded.
    if (error instanceof Fault) return refusal(error);
    throw error;
  }
}

/** The tools as an MCP server for one request of one person. */
export function createMcpServer(caller: Caller): McpServer {
  const server = new McpServer({ name: 'mindbot', version: '1' }, { maxToolInputElements: MOST_ELEMENTS });
  for (const tool of TOOLS) {
    const { name, description, parameters } = tool;
    server.registerTool(name, { description, inputSchema: parameters }, (args) =>
      perform(tool, args as ToolResult, caller),
    );
  }
  return server;
}
