import type { PageConfig } from '../../../shared/api/config.ts';
import { RoomHeading } from '../shell/room-heading.tsx';
import { useWords } from '../words/use-words.ts';
import { Operator } from './info-text.tsx';

/** What people ask most, and where to ask the rest. */
export default function HelpRoom({ config }: { config: PageConfig }) {
  const { rooms, info } = useWords();
  return (
    <article className="info">
      <RoomHeading>{rooms.help}</RoomHeading>
      <p className="lead">{info.helpLead}</p>
      <div>
        {info.help.map(({ title, text }) => (
          <details key={title}>
            <summary>{title}</summary>
            <p>{text}</p>
          </details>
        ))}
      </div>
      <section>
        <h2>{info.helpMore}</h2>
        <p>{info.helpWrite}</p>
        <Operator page={config.page} />
      </section>
    </article>
  );
}
