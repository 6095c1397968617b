import { z } from 'zod';
import { apiSchemas } from './schemas.ts';

/** Body of `POST /mcp`: one message, and not many in one, which would pass the budget of requests. */
export const mcpRequest = z
  .looseObject({ jsonrpc: z.literal('2.0') })
  .describe('A JSON-RPC message of the Model Context Protocol')
  .register(apiSchemas, { id: 'McpRequest' });
