import type { PoolOutcome } from '../../core/inside/capture.ts';
import {
  useColumns,
  useEngineStore,
  useInsideForm,
  useInsideRoutingStore,
  useInsideStore,
  usePackStore,
} from '../../state/hooks.ts';
import type { Looked, PoolKey } from '../../state/inside-state.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import { CaptureStates } from './CaptureStates.tsx';
import { DomainFigure, RelationFigure, RulesFigure } from './PoolStudyFigures.tsx';
import { NO_POOL, type PoolScores, toOfferedPools, toPoolScores } from './pool-words.ts';
import { QuestionRouting } from './QuestionRouting.tsx';
import { StudyRun } from './StudyRun.tsx';
import { useLiveSource } from './use-live-source.ts';
import styles from './views.module.css';

const NOT_ASKED: Looked<PoolOutcome> = { status: 'none' };

/** Which prompt of a pool the attention chooses, for the question in view and over many, and what the others would have said. */
export function RoutingView() {
  const offered = useInsideStore((state) => state.offered);
  const pools = toOfferedPools(offered);
  if (pools.length === 0) {
    return (
      <Notice tone="plain">
        <p>{NO_POOL}</p>
      </Notice>
    );
  }
  return (
    <div className={styles.view}>
      <ThisQuestion pools={pools} />
      <ManyQuestions pools={pools} />
    </div>
  );
}

function ThisQuestion({ pools }: { pools: readonly PoolKey[] }) {
  const question = useInsideStore((state) => state.question);
  const asked = useInsideRoutingStore((state) => state.asked);
  const ask = useInsideRoutingStore((state) => state.ask);
  const stopAsking = useInsideRoutingStore((state) => state.stopAsking);
  const run = useInsideRoutingStore((state) => state.run);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const source = useLiveSource();
  const packId = usePackId();
  const isAsking = pools.some((pool) => asked.get(pool)?.status === 'running');
  const scores = useScores();
  return (
    <div className={styles.part}>
      <Panel title="This question">
        <div className={styles.head}>
          <StartStopButton
            isRunning={isAsking}
            startLabel="Ask every prompt"
            icon="play"
            isDisabled={!isReady || question === null || run.status === 'running'}
            onStart={ask}
            onStop={stopAsking}
          />
          <span className={styles.state}>{toAskText({ isReady, hasQuestion: question !== null })}</span>
        </div>
        <CaptureStates keys={pools} />
      </Panel>
      <div className={styles.pair}>
        {pools.map((pool) => {
          const looked = asked.get(pool) ?? NOT_ASKED;
          const own = { pack: packId, pool, scored: scores(pool, looked), asked: looked, source };
          return <QuestionRouting key={pool} {...own} />;
        })}
      </div>
    </div>
  );
}

function toAskText({ isReady, hasQuestion }: { isReady: boolean; hasQuestion: boolean }): string {
  if (!isReady) return 'Needs the model on your device: run it live first.';
  return hasQuestion
    ? 'What each prompt would have answered then stands below its bar.'
    : 'Ask a question first, at the top of the page.';
}

function useScores(): (pool: PoolKey, asked: Looked<PoolOutcome>) => PoolScores | null {
  const captures = useInsideStore((state) => state.captures);
  const columns = useColumns();
  return (pool, asked) => {
    const capture = captures.get(pool);
    const captured = capture?.status === 'ready' ? capture.of : null;
    return toPoolScores(pool, { outcome: asked.status === 'ready' ? asked.of : null, captured, columns });
  };
}

function ManyQuestions({ pools }: { pools: readonly PoolKey[] }) {
  const chosen = useInsideForm((state) => state.choice.pool);
  const run = useInsideRoutingStore((state) => state.run);
  const study = useInsideRoutingStore((state) => state.study);
  const start = useInsideRoutingStore((state) => state.startStudy);
  const stop = useInsideRoutingStore((state) => state.stop);
  const packId = usePackId();
  const pool = pools.find((each) => each === chosen) ?? pools[0] ?? chosen;
  const { label } = toRegimeLook(pool);
  return (
    <div className={styles.part}>
      <Panel title="Many questions">
        <StudyRun
          run={run}
          startLabel={(items) => `Ask every prompt of ${label} ${items} questions`}
          runningLabel={`Asking every prompt of ${label}`}
          onStart={start}
          onStop={stop}
          choices={<PoolPicker pools={pools} pool={pool} />}
        />
        {study === null ? (
          <p className={styles.state}>
            No pool was studied yet. A study asks every prompt every question, so that rules of choice can be compared.
          </p>
        ) : null}
      </Panel>
      {study === null ? null : (
        <>
          <div className={styles.pair}>
            <RulesFigure pack={packId} study={study} />
            <DomainFigure pack={packId} study={study} />
          </div>
          <RelationFigure pack={packId} study={study} />
        </>
      )}
    </div>
  );
}

function PoolPicker({ pools, pool }: { pools: readonly PoolKey[]; pool: PoolKey }) {
  const choose = useInsideForm((state) => state.choose);
  if (pools.length < 2) return null;
  return (
    <SegmentedControl
      label="Pool"
      segments={pools.map((value) => ({ value, label: toRegimeLook(value).label, color: toRegimeLook(value).color }))}
      value={pool}
      onChange={(next) => choose({ pool: next })}
    />
  );
}

function usePackId(): string {
  return usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
}
