import { z } from 'zod';
import { correctMemoryRequest, memoriesResponse } from '../../shared/api/memories.ts';
import { settingsRequest, settingsResponse } from '../../shared/api/settings.ts';
import { route } from '../http/route.ts';
import { correctMemory } from './correct-memory.ts';
import { eraseAllMemories, eraseMemory, listMemories } from './memories.ts';
import { readSettings, writeSettings } from './settings.ts';

const settings = '/user/:user_id/settings';
const memories = '/user/:user_id/memories';
const own = { tag: 'settings', access: 'self' } as const;
const ofOneMemory = { ...own, path: `${memories}/:memory_id`, params: z.object({ memory_id: z.uuid() }) };

/** How a person wants to be spoken with, and what is remembered of them. */
export const callerRoutes = [
  route({
    ...own,
    operationId: 'readSettings',
    method: 'get',
    path: settings,
    summary: 'How you are spoken and written to, and what you can choose',
    answer: settingsResponse,
    handle: ({ deps, userId }) => readSettings(deps, userId),
  }),
  route({
    ...own,
    operationId: 'changeSettings',
    method: 'put',
    path: settings,
    summary: 'Choose language and voice, which mails you get, and whether you are remembered',
    description: 'What is left out stays as it is. Your next call goes by it.',
    body: settingsRequest,
    answer: settingsResponse,
    handle: ({ deps, userId, body }) => writeSettings(deps, userId, body),
  }),
  route({
    ...own,
    operationId: 'listMemories',
    method: 'get',
    path: memories,
    summary: 'All that is remembered of you',
    description: 'Newest first, 200 at most. Answered while memory is off, too: then none of it is used.',
    answer: memoriesResponse,
    handle: ({ deps, userId }) => listMemories(deps.database, userId),
  }),
  route({
    ...ofOneMemory,
    operationId: 'correctMemory',
    method: 'patch',
    summary: 'Put a memory into your own words',
    description: 'No call that began before changes it again. Another memory that says the same goes.',
    body: correctMemoryRequest,
    answer: memoriesResponse,
    faults: ['not_found'],
    async handle({ deps, userId, params, body }) {
      await correctMemory(deps.database, userId, { id: params.memory_id, text: body.text });
      return listMemories(deps.database, userId);
    },
  }),
  route({
    ...ofOneMemory,
    operationId: 'eraseMemory',
    evenFrozen: true,
    method: 'delete',
    summary: 'Erase a memory',
    description: 'For good: no copy stays. One that is gone already is no error.',
    answer: memoriesResponse,
    async handle({ deps, userId, params }) {
      await eraseMemory(deps, userId, params.memory_id);
      return listMemories(deps.database, userId);
    },
  }),
  route({
    ...own,
    operationId: 'eraseAllMemories',
    evenFrozen: true,
    method: 'delete',
    path: memories,
    summary: 'Erase all that is remembered of you',
    description:
      'For good, and nothing is remembered of calls that began before, the one going on included. Later calls are ' +
      'remembered as before: turn `memory_enabled` off to end that.',
    answer: memoriesResponse,
    async handle({ deps, userId }) {
      await eraseAllMemories(deps, userId);
      return listMemories(deps.database, userId);
    },
  }),
];
