import { voice } from '@livekit/agents';
import { defineTool } from '../define-tool.ts';

const NOTHING = () => ({});

export default defineTool({
  name: 'end_call',
  description:
    'Says goodbye and hangs up. Only when the caller clearly says goodbye or wants the call to end.',
  isOffered: () => true,
  // The call says goodbye in its own words.
  sentences: { en: NOTHING, de: NOTHING, es: NOTHING, fr: NOTHING },
  execute({ call }) {
    call.sayGoodbye();
    // The goodbye is on its way, and hangs up behind itself: the model has nothing to add.
    throw new voice.StopResponse();
  },
});
