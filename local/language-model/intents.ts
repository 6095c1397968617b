/** What callers say, as examples, and what to do about it. To teach the matcher something, add a row or an example. */

/** Stands in an example for the name of any package. No caller says it. */
export const PACKAGE_SLOT = 'PACKAGENAME';

export interface Intent {
  name: string;
  examples: readonly string[];
  /** The tool that answers. Without one, or where it is not offered, `reply` does. */
  tool?: string;
  /** Ends the sentence "I can ..." in the answer to a call for help. */
  offer?: string;
  reply?: string;
}

export const INTENTS: readonly Intent[] = [
  {
    name: 'balance',
    tool: 'check_time_balance',
    offer: 'tell you how much time you have left',
    examples: [
      'how much time do i have left',
      'how much time is left',
      'how many minutes do i have left',
      'how many hours do i have',
      'what is my balance',
      'check my time balance',
      'minutes left',
      'how many minutes are on my card',
      'time left on my card',
      'my remaining time',
      'how long can we still talk',
    ],
  },
  {
    name: 'pricing',
    tool: 'get_pricing_packages',
    offer: 'tell you our prices',
    examples: [
      'what are your prices',
      'how much does it cost to buy time',
      'how much is the PACKAGENAME package',
      'how much does an hour cost',
      'what does the PACKAGENAME package cost',
      'which packages do you sell',
      'what packages do you have',
      'which packages are there',
      'tell me about your packages and plans',
      'what plans do you offer',
      'what do you charge',
      'price list',
      'prices',
      'packages',
      'plans',
      'what can i buy',
    ],
  },
  {
    name: 'cost',
    tool: 'estimate_session_cost',
    offer: 'tell you what this call has cost so far',
    examples: [
      'what has this call cost so far',
      'what did this call cost',
      'what does this call cost',
      'how much is this call',
      'cost so far',
      'how much have i spent on this call',
      'how much time have i used so far',
      'session cost',
    ],
  },
  {
    name: 'purchase',
    tool: 'start_purchase_process',
    offer: 'help you buy more time',
    examples: [
      'i want to buy the PACKAGENAME package',
      'i would like the PACKAGENAME package',
      'i will take the PACKAGENAME one',
      'buy the PACKAGENAME',
      'PACKAGENAME please',
      'PACKAGENAME package',
      'i want to buy more time',
      'i would like to buy a package',
      'buy another hour',
      'purchase a package',
      'add more minutes to my balance',
      'i need more time',
      'top up my balance',
      'top up',
      'recharge my card',
    ],
  },
  {
    name: 'activation',
    tool: 'activate_code',
    offer: 'take an activation code',
    examples: [
      'activation code',
      'i have an activation code',
      'i have a code to activate',
      'activate a code',
      'activate my gift card',
      'i have a gift code',
      'i got a gift card',
      'redeem a code',
      'redeem my voucher',
    ],
  },
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
    examples: ['what is my name', 'do you know my name', 'what is my favorite color'],
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
    name: 'thanks',
    reply: 'You are welcome. Is there anything else?',
    examples: ['thank you', 'thanks', 'thank you very much', 'thanks a lot', 'great', 'perfect'],
  },
  {
    name: 'goodbye',
    tool: 'end_call',
    offer: 'say goodbye',
    reply: 'Goodbye, and thank you for calling.',
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
      'hang up',
    ],
  },
  { name: 'yes', examples: ['yes', 'yeah', 'yep', 'sure', 'yes i do', 'of course'] },
  {
    name: 'no',
    reply: 'All right. Is there anything else?',
    examples: ['no', 'nope', 'no thanks', 'no thank you', 'not now', 'not really'],
  },
];
