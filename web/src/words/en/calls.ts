import { ENDINGS, WINDOWS } from '../../../../shared/api/call-words.ts';

/** Calls that are over: how they ended, and what of them was billed. */
export default {
  title: 'Calls',
  none: 'None yet.',
  goingOn: 'going on',
  answersAfter: (time: string) => `Answers after ${time}`,
  quality: (score: number) => `quality ${score}`,
  receipt: 'Receipt',
  receiptOf: (moment: string) => `Receipt of the call of ${moment}`,
  older: 'Older calls',
  all: 'All calls',
  team: 'Team’s time',
  print: 'Print',
  close: 'Close',
  loading: 'Loading …',
  /** By the reason that the books have, and what only the connection says when that did not come. */
  ends: {
    ...ENDINGS,
    hung_up: 'You hung up.',
    duplicate_identity: 'The call went on in another place.',
    agent_ended_the_call: 'The assistant said goodbye.',
    connection_lost: 'The connection was lost.',
  },
  windows: { ...WINDOWS },
};
