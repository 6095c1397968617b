import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { PageConfig } from '../../../shared/api/config.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { Operator } from './info-text.tsx';

/** What people ask most, and where to ask the rest. */
interface HelpRoomProps {
  config: PageConfig;
  /** For who is signed in: the way to ask right here. */
  ask: ReactNode;
}

export default function HelpRoom({ config, ask }: HelpRoomProps) {
  const { rooms } = useWords('shell');
  const help = useWords('help');
  const { signIn } = useWords('support');
  return (
    <article className="info">
      <RoomHeading>{rooms.help}</RoomHeading>
      <p className="lead">{help.lead}</p>
      <div>
        {help.questions.map(({ title, text }) => (
          <details key={title}>
            <summary>{title}</summary>
            <p>{text}</p>
          </details>
        ))}
      </div>
      <section>
        <h2>{help.more}</h2>
        {ask ?? (
          <p>
            <Link href="/sign-in">{signIn}</Link>
          </p>
        )}
        {config.page.contact_email !== null && <p>{help.write}</p>}
        <Operator page={config.page} />
      </section>
    </article>
  );
}
