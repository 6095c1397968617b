import { Acts } from './acts.tsx';
import { BoardRoom, Panel } from './room.tsx';
import { useAnswer } from './use-board.ts';

/** What operators did, each with the reason that they gave. */
export function LogRoom() {
  const answer = useAnswer((board, signal) => board.acts(signal), 'acts');
  return (
    <BoardRoom title="What operators did" answer={answer}>
      {({ acts }) => (
        <Panel title="The latest 100" wide>
          <Acts acts={acts} empty="Nothing yet." />
        </Panel>
      )}
    </BoardRoom>
  );
}
