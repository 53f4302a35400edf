import type { RoutingResult } from '../../state/results.ts';
import { formatScore, ScoreBars } from '../../ui/charts/ScoreBars.tsx';
import { formatMs } from '../../ui/format.ts';
import styles from './BoardColumn.module.css';

interface RoutingFigureProps {
  routing: RoutingResult;
  /** Part of the time to the first token. */
  routingMs: number;
  color: string;
}

/** Which prompt the input's attention chose, and by how much. */
export function RoutingFigure({ routing, routingMs, color }: RoutingFigureProps) {
  return (
    <div className={styles.scores}>
      <p>
        <b>Prompt {routing.chosen + 1}</b> of {routing.scores.length} chosen by attention
      </p>
      <ScoreBars scores={routing.scores} chosen={routing.chosen} runnerUp={routing.runnerUp} color={color} />
      <p className={styles.margin}>
        {formatScore(routing.margin)} ahead of prompt {routing.runnerUp + 1}; routing took {formatMs(routingMs)} of the
        first token's time
      </p>
    </div>
  );
}
