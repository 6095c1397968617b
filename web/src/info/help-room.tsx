import type { PageConfig } from '../../../shared/api/config.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { Operator } from './info-text.tsx';

/** What people ask most, and where to ask the rest. */
export default function HelpRoom({ config }: { config: PageConfig }) {
  const { rooms } = useWords('shell');
  const help = useWords('help');
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
        <p>{help.write}</p>
        <Operator page={config.page} />
      </section>
    </article>
  );
}
