import type { Intent } from './intent.ts';

/** Talk, without any tool. */
export const TALK_INTENTS: readonly Intent[] = [
  {
    name: 'help',
    examples: [
      'what can you do for me',
      'what can you do',
      'help me',
      'how can you help me',
      'what can i ask you',
      'how does this work',
      'what are my options',
    ],
  },
  {
    name: 'greeting',
    reply: 'Hello! What can I do for you?',
    examples: [
      'hello',
      'hi',
      'hey',
      'hi there',
      'hello there',
      'good morning',
      'good evening',
      'good afternoon',
    ],
  },
  {
    // Answered from memory (memory.ts); here so that it is not taken for a question about the balance.
    name: 'recall',
    examples: [
      'what is my name',
      'do you know my name',
      'what is my favorite color',
      'what do you know about me',
      'do you remember me',
      'do you remember what i like',
    ],
  },
  {
    name: 'identity',
    examples: [
      'who are you',
      'what is your name',
      'are you a robot',
      'are you a human',
      'how old are you',
      'who am i talking to',
    ],
  },
  {
    name: 'wellbeing',
    reply: 'I am fine, thank you. What can I do for you?',
    examples: ['how are you', 'how is it going', 'how do you do'],
  },
  {
    name: 'presence',
    reply: 'Yes, I can hear you. What can I do for you?',
    examples: ['can you hear me', 'are you there', 'are you still there'],
  },
  {
    // Remarks that have words of a goodbye in them, and are none.
    name: 'remark',
    reply: 'I see. What can I do for you?',
    examples: [
      'that is nice',
      'that is wrong',
      'that is what i said',
      'that is off the record',
      'what a nice day',
      'is that all',
      'do i have to go to the page',
      'you are right',
    ],
  },
  {
    name: 'thanks',
    reply: 'You are welcome. Is there anything else?',
    examples: ['thank you', 'thanks', 'thank you very much', 'thanks a lot', 'great', 'perfect'],
  },
  { name: 'yes', examples: ['yes', 'yeah', 'yep', 'sure', 'yes i do', 'of course'] },
  {
    name: 'no',
    reply: 'All right. Is there anything else?',
    examples: ['no', 'nope', 'no thanks', 'no thank you', 'not now', 'not really'],
  },
];
