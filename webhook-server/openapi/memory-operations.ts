import type { Operation } from './operation.ts';

/** How a person wants to be spoken with, and what is remembered of them. */
export const memoryOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/user/{user_id}/settings',
    summary: 'How you are spoken with, and what you can choose',
    signedIn: true,
    answer: 'SettingsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'put',
    path: '/user/{user_id}/settings',
    summary: 'Choose language and voice, and whether you are remembered',
    description: 'What is left out stays as it is. Your next call goes by it.',
    signedIn: true,
    body: 'SettingsRequest',
    answer: 'SettingsResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'get',
    path: '/user/{user_id}/memories',
    summary: 'All that is remembered of you',
    description: 'Newest first, 200 at most. Answered while memory is off, too: then none of it is used.',
    signedIn: true,
    answer: 'MemoriesResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'patch',
    path: '/user/{user_id}/memories/{memory_id}',
    summary: 'Put a memory into your own words',
    description: 'No call that began before changes it again. Another memory that says the same goes.',
    signedIn: true,
    body: 'CorrectMemoryRequest',
    answer: 'MemoriesResponse',
    faults: ['invalid_request', 'forbidden', 'not_found', 'too_many_requests'],
  },
  {
    method: 'delete',
    path: '/user/{user_id}/memories/{memory_id}',
    summary: 'Erase a memory',
    description: 'For good: no copy stays. One that is gone already is no error.',
    signedIn: true,
    answer: 'MemoriesResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
  {
    method: 'delete',
    path: '/user/{user_id}/memories',
    summary: 'Erase all that is remembered of you',
    description:
      'For good, and nothing is remembered of calls that began before, the one going on included. Later calls are ' +
      'remembered as before: turn `memory_enabled` off to end that.',
    signedIn: true,
    answer: 'MemoriesResponse',
    faults: ['invalid_request', 'forbidden', 'too_many_requests'],
  },
];
