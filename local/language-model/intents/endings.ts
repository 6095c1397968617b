import type { Intent } from './intent.ts';

/** What comes at the end of a call. */
export const ENDINGS: readonly Intent[] = [
  {
    name: 'summary',
    tool: 'get_session_summary',
    offer: 'sum up this call',
    examples: [
      'give me a summary of this call',
      'summary',
      'session summary',
      'summarize this conversation',
      'sum up our call',
      'what did we talk about',
    ],
  },
  {
    name: 'goodbye',
    tool: 'end_call',
    offer: 'say goodbye',
    reply: 'Goodbye, and thank you for calling.',
    // "That is nice" has most of "that is all", and whoever is hung up on has to call again.
    minLikeness: 0.75,
    examples: [
      'goodbye',
      'thank you goodbye',
      'bye',
      'bye bye',
      'talk to you later',
      'see you later',
      'have a nice day',
      'i have to go now',
      'that is all',
      'that is all for today',
      'that is all talk to you later',
      'hang up',
      'end the call',
      'please end this call',
      'let us stop here',
    ],
  },
];
