import { checkSentences } from '../../../tests/languages/check-sentences.ts';
import teamUsage from './tool.ts';

checkSentences(teamUsage, (say, figure) => ({
  spent: say.spent(figure, 'usd'),
  allowed: say.allowed(figure, 'usd'),
  notInPlan: say.notInPlan('MindBot'),
  noPlan: say.noPlan,
  offer: say.offer('MindBot Team'),
  offerAt: say.offerAt('MindBot Team', figure, 'usd'),
  subscribe: say.subscribe,
  askOwner: say.askOwner,
}));
