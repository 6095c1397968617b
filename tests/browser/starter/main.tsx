// A page of somebody else, put together as LiveKit's React starter is (livekit-examples/agent-starter-react,
// components/app/app.tsx): the same hooks and components of @livekit/components-react, and nothing of this product but
// the address of its token endpoint and the access token of whoever signed in.
import {
  RoomAudioRenderer,
  SessionProvider,
  TrackToggle,
  useAgent,
  useSession,
  useSessionContext,
  useSessionMessages,
} from '@livekit/components-react';
import { TokenSource, Track } from 'livekit-client';
import { useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';

const { endpoint = '', access_token: accessToken } = Object.fromEntries(new URLSearchParams(location.search));

function App() {
  const tokenSource = useMemo(
    () => TokenSource.endpoint(endpoint, { headers: { authorization: `Bearer ${accessToken}` } }),
    [],
  );
  const session = useSession(tokenSource);
  return (
    <SessionProvider session={session}>
      <View />
      <RoomAudioRenderer />
    </SessionProvider>
  );
}

function View() {
  const session = useSessionContext();
  const agent = useAgent();
  const { messages, send } = useSessionMessages(session);
  const [trouble, setTrouble] = useState('');
  if (!session.isConnected) {
    return (
      <main>
        <button type="button" onClick={() => session.start().catch((error) => setTrouble(String(error)))}>
          Start call
        </button>
        <output>{trouble}</output>
      </main>
    );
  }
  return (
    <main>
      <p data-testid="agent" data-state={agent.state} />
      <ol>
        {messages.map(({ id, from, message }) => (
          <li key={id} data-from={from?.isLocal ? 'caller' : 'agent'}>
            {message}
          </li>
        ))}
      </ol>
      <TrackToggle source={Track.Source.Microphone}>Microphone</TrackToggle>
      <button type="button" onClick={() => send('How much time do I have left?')}>
        Ask
      </button>
      <button type="button" onClick={() => session.end()}>
        End call
      </button>
    </main>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(<App />);
