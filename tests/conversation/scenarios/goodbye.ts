import { eachWay, type Scenario } from '../scenario.ts';

/** The end of a call, and what only sounds like it: whoever is hung up on has paid for a call that is gone. */
export const GOODBYE: readonly Scenario[] = [
  ...eachWay(
    { topic: 'end_call' },
    [
      'Goodbye.',
      'Bye bye!',
      'Thank you, goodbye.',
      'That is all, talk to you later.',
      'I have to go now, bye.',
      'Please hang up.',
      'Please end the call.',
      'That is all for today, thank you.',
      'Okay, see you later then.',
      'I think I have to go now.',
    ],
    { calls: { end_call: {} } },
  ),
  ...eachWay(
    { topic: 'end_call, near miss' },
    [
      'Bye the way, what are your prices?',
      'By the way, how are you?',
      'I said goodbye to my mother yesterday.',
      'How do you say goodbye in French?',
      'I do not want to hang up yet.',
      'Do not end the call.',
      'Good buy, that package of yours.',
      'Thank you very much.',
      'The end of the movie was sad.',
      'No, thanks.',
      'Stop talking for a moment, please.',
      'When does the call end?',
      'That is nice.',
      'That is wrong.',
      'Is that all?',
      'What a nice day.',
      'I have to ask you something.',
      'Do I have to go to the page?',
    ],
    { judge: 'Goes on with the conversation; does not say goodbye.' },
  ),
];
