import styles from './ScoreBars.module.css';

interface ScoreBarsProps {
  /** One score per prompt of the pool, as the router saw them. */
  scores: readonly number[];
  chosen: number;
  runnerUp: number;
  color: string;
}

const HEIGHT = 28;

/** The routing scores of a pool side by side; the chosen prompt filled, the runner-up outlined. */
export function ScoreBars({ scores, chosen, runnerUp, color }: ScoreBarsProps) {
  const largest = scores.reduce((max, score) => (Number.isFinite(score) ? Math.max(max, score) : max), 0);
  const text = scores.map((score, i) => `prompt ${i + 1}: ${formatScore(score)}`).join(', ');
  return (
    <div className={styles.bars} role="img" aria-label={`Routing scores, mean attention. ${text}`}>
      {scores.map((score, i) => {
        const share = largest > 0 && Number.isFinite(score) ? Math.max(0, score / largest) : 0;
        const height = Math.max(1, share * HEIGHT);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a prompt is its index in the pool
          <div key={i} className={styles.bar} title={`prompt ${i + 1}: ${formatScore(score)}`}>
            <svg width="100%" height={HEIGHT} aria-hidden="true">
              <rect
                x="0"
                y={HEIGHT - height}
                width="100%"
                height={height}
                fill={i === chosen ? color : 'var(--line)'}
                stroke={i === runnerUp ? color : 'none'}
                strokeWidth="1.5"
              />
            </svg>
            <span className={i === chosen ? styles.chosen : styles.number}>{i + 1}</span>
          </div>
        );
      })}
    </div>
  );
}

/** Scores are mean attention probabilities, often far below 1: three significant digits. */
export function formatScore(score: number): string {
  if (!Number.isFinite(score)) return '–';
  return score !== 0 && Math.abs(score) < 0.001 ? score.toExponential(1) : score.toPrecision(3);
}
