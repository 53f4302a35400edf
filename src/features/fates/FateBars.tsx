import { DAMAGED_FATES } from '../../core/eval/fates.ts';
import type { Estimate } from '../../core/eval/statistics.ts';
import type { FateFinding, FateFindings } from '../../state/fates-state.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatBrackets, formatCount, formatShare } from '../../ui/format.ts';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './FateBars.module.css';
import { toKeys } from './fact-rows.ts';
import { toBarText, toLabel } from './fate-tables.ts';

/** Parts of a bar narrower than this have no room for their count. */
const LEAST_PRINTED = 0.06;

/** Per type of repair: what became of the facts that compression lost, and beside it what stands for luck. */
export function FateBars({ of, highlighted }: { of: FateFindings; highlighted: string }) {
  return (
    <div className={styles.bars}>
      <p className={styles.legend} aria-hidden="true">
        {DAMAGED_FATES.map((fate) => {
          const { label, hint, color } = toFateLook(fate);
          return (
            <span key={fate}>
              <span className={styles.swatch} style={{ background: color }} /> {label}: {hint.replace('lost, and ', '')}
            </span>
          );
        })}
        {of.findings.some(({ shuffled }) => shuffled !== null) ? (
          <span>
            <span className={styles.shuffled} /> displaced with shuffled answers
          </span>
        ) : null}
        {of.findings.some(({ control }) => control !== null) ? (
          <span>
            <span className={styles.control} /> guessed of control subjects
          </span>
        ) : null}
      </p>
      <ul className={styles.list}>
        {toKeys(of.set).map((key) => {
          const finding = of.findings.find((each) => each.key === key);
          // Its place is kept, so that nothing moves when it comes.
          if (finding === undefined) return <Waiting key={key} regime={key} isComputing={of.isComputing} />;
          return (
            <li key={finding.key} className={styles.row} data-highlighted={finding.key === highlighted}>
              <span className={styles.name} aria-hidden="true">
                <RegimeMark regime={finding.key} /> {toLabel(finding)}
              </span>
              <Bar finding={finding} />
              <span className={styles.figures} aria-hidden="true">
                <b>{formatShare(finding.report.ofDamaged.displaced?.value ?? null)}</b>{' '}
                {formatBrackets(finding.report.ofDamaged.displaced)}
                <span className={styles.broken}>
                  breaks {formatCount(finding.report.fates.get('broken')?.count ?? null)}
                </span>
              </span>
              <span className="visually-hidden">
                {toLabel(finding)}: {toBarText(finding)}
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Waiting({ regime, isComputing }: { regime: TrainedKey; isComputing: boolean }) {
  return (
    <li className={styles.row}>
      <span className={styles.name}>
        <RegimeMark regime={regime} /> {toRegimeLook(regime).label}
      </span>
      <span className={styles.bar} aria-hidden="true" />
      <span className={styles.figures}>{isComputing ? 'computing' : 'not asked yet'}</span>
    </li>
  );
}

function Bar({ finding: { report, shuffled, control } }: { finding: FateFinding }) {
  return (
    <span className={styles.bar} aria-hidden="true">
      {DAMAGED_FATES.map((fate) => {
        const count = report.fates.get(fate)?.count ?? 0;
        const share = report.damaged === 0 ? 0 : count / report.damaged;
        const { color, ink } = toFateLook(fate);
        return (
          <span
            key={fate}
            className={styles.part}
            style={{ inlineSize: `${share * 100}%`, background: color, color: ink }}
          >
            {share < LEAST_PRINTED ? '' : formatCount(count)}
          </span>
        );
      })}
      <Whisker estimate={report.ofDamaged.displaced} />
      <Tick estimate={shuffled?.report.ofDamaged.displaced ?? null} className={styles.shuffled} />
      <Tick estimate={control} className={styles.control} />
    </span>
  );
}

/** The interval of the displaced share, below the bar. */
function Whisker({ estimate }: { estimate: Estimate | null }) {
  if (estimate === null) return null;
  const { low, high } = estimate;
  return (
    <span
      className={styles.whisker}
      style={{ insetInlineStart: `${low * 100}%`, inlineSize: `${(high - low) * 100}%` }}
    />
  );
}

function Tick({ estimate, className }: { estimate: Estimate | null; className: string | undefined }) {
  if (estimate === null) return null;
  return <span className={`${className} ${styles.tick}`} style={{ insetInlineStart: `${estimate.value * 100}%` }} />;
}
