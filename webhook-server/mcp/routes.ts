import { once } from 'node:events';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Request } from 'express';
import { z } from 'zod';
import { mcpRequest } from '../../shared/api/mcp.ts';
import { parseInput } from '../http/parse-input.ts';
import { route } from '../http/route.ts';
import { createMcpServer } from './create-mcp-server.ts';

const TENANT = 'x-tenant-id';

/** The tenant that pays, where the program names one; whether the person belongs to it is for the database. */
function tenantOf(request: Request): string | null {
  const headers = z.object({ [TENANT]: z.uuid().toLowerCase().optional() });
  return parseInput(headers, { [TENANT]: request.get(TENANT) })[TENANT] ?? null;
}

/** The agent's tools for other programs, by the Model Context Protocol. */
export const mcpRoutes = [
  route({
    operationId: 'useTools',
    tag: 'usage',
    method: 'post',
    path: '/mcp',
    access: 'person',
    summary: "The agent's tools for other programs (Model Context Protocol)",
    description:
      'Streamable HTTP without sessions: one JSON-RPC message in, one JSON answer out. Each use of a tool is one event of usage, of ' +
      'the person or of the tenant that X-Tenant-Id names. What a tool refuses is answered by the protocol (isError), with the code first.',
    headers: { 'X-Tenant-Id': { description: 'A tenant that you belong to, which pays.', maxLength: 36 } },
    body: mcpRequest,
    answer: 'json',
    async handle({ deps, userId, body, request, response }) {
      const server = createMcpServer({ deps, userId, tenantId: tenantOf(request) });
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      try {
        await server.connect(transport as Transport);
        await transport.handleRequest(request, response, body);
        if (!response.writableFinished && !response.destroyed) await once(response, 'close');
      } finally {
        await server.close();
      }
      return {};
    },
  }),
  route({
    operationId: 'refuseToolStream',
    tag: 'usage',
    method: 'get',
    path: '/mcp',
    access: 'anybody',
    summary: 'There is no stream to listen to: the protocol has clients ask, and be told so',
    status: 405,
    answer: 'json',
    handle({ response }) {
      response.set('allow', 'POST');
      return { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Send messages by POST.' } };
    },
  }),
];
