import { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { correctMemoryRequest } from '../../shared/api/memories.ts';
import { settingsRequest } from '../../shared/api/settings.ts';
import { personOf, requireSelf } from '../accounts/require-person.ts';
import type { Dependencies } from '../dependencies.ts';
import { parseInput } from '../http/parse-input.ts';
import { correctMemory } from './correct-memory.ts';
import { eraseAllMemories, eraseMemory } from './erase-memories.ts';
import { listMemories } from './list-memories.ts';
import { readSettings, writeSettings } from './settings.ts';

const memoryPath = z.object({ memory_id: z.uuid() });

/** How a person wants to be spoken with, and what is remembered of them: their own only. */
export function callerRoutes(deps: Dependencies, signedIn: RequestHandler, limited: RequestHandler): Router {
  const { database } = deps;
  const router = Router();
  const own = [signedIn, limited, requireSelf];
  const settings = '/user/:user_id/settings';
  const memories = '/user/:user_id/memories';

  router.get(settings, ...own, async (_request, response) => {
    response.json(await readSettings(database, personOf(response).userId));
  });
  router.put(settings, ...own, async (request, response) => {
    const changes = parseInput(settingsRequest, request.body);
    response.json(await writeSettings(database, personOf(response).userId, changes));
  });
  router.get(memories, ...own, async (_request, response) => {
    response.json(await listMemories(database, personOf(response).userId));
  });
  router.patch(`${memories}/:memory_id`, ...own, async (request, response) => {
    const { memory_id: id } = parseInput(memoryPath, request.params);
    const { text } = parseInput(correctMemoryRequest, request.body);
    const { userId } = personOf(response);
    await correctMemory(database, userId, { id, text });
    response.json(await listMemories(database, userId));
  });
  router.delete(`${memories}/:memory_id`, ...own, async (request, response) => {
    const { memory_id: id } = parseInput(memoryPath, request.params);
    const { userId } = personOf(response);
    await eraseMemory(deps, userId, id);
    response.json(await listMemories(database, userId));
  });
  router.delete(memories, ...own, async (_request, response) => {
    const { userId } = personOf(response);
    await eraseAllMemories(deps, userId);
    response.json(await listMemories(database, userId));
  });
  return router;
}
