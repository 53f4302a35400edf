import { useEngineStore, useShapeStore } from '../../state/hooks.ts';
import { LAYER_CHOICES } from '../../state/shape-layers.ts';
import { toShapePlan } from '../../state/shape-plan.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import runStyles from '../../ui/run.module.css';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import styles from './LatencyPanel.module.css';

/** Start, Stop and progress of the timing of random weights; memory and time are stated before it. */
export function ShapeRun() {
  const device = useEngineStore(({ engine }) => (engine.status === 'ready' ? engine.device : null));
  const run = useShapeStore((state) => state.run);
  const now = useShapeStore((state) => state.now);
  const numLayers = useShapeStore((state) => state.numLayers);
  const setLayers = useShapeStore((state) => state.setLayers);
  const start = useShapeStore((state) => state.start);
  const stop = useShapeStore((state) => state.stop);
  if (device === null) {
    return <p className={styles.state}>To time it here, run the model live first, at the top of the page.</p>;
  }
  const plan = toShapePlan(numLayers, device);
  const isRunning = run.status === 'running';
  return (
    <>
      {run.status === 'failed' ? <RunFailure error={run.error} /> : null}
      {isRunning ? null : (
        <div className={styles.plan}>
          <SegmentedControl
            label="Layers"
            segments={LAYER_CHOICES.map((layers) => ({ value: String(layers), label: String(layers) }))}
            value={String(numLayers)}
            onChange={(layers) => setLayers(Number(layers))}
          />
          <p className={styles.state}>
            {plan.problem ??
              `Takes ${formatBytes(plan.totalBytes)} of ${device.kind === 'wasm' ? 'memory' : 'GPU memory'} while it runs, freed afterwards, and ${toDuration(device.kind, device.adapter?.isSoftware === true)}. Nothing is downloaded.`}
          </p>
        </div>
      )}
      <div className={isRunning ? runStyles.running : runStyles.start}>
        <StartStopButton
          isRunning={isRunning}
          startLabel="Time random weights"
          icon="play"
          isDisabled={plan.problem !== null}
          onStart={start}
          onStop={stop}
        />
        {isRunning ? (
          <ProgressMeter
            label={now ?? 'Starting'}
            share={run.total > 0 ? run.done / run.total : null}
            detail={run.total > 0 ? `${formatCount(run.done)} of ${formatCount(run.total)} runs` : ''}
          />
        ) : null}
        <span className={isRunning ? 'visually-hidden' : styles.state} role="status">
          {run.status === 'stopped' ? 'Stopped; the weights are freed, and finished rounds are kept.' : ''}
          {run.status === 'done' ? `Done: ${formatCount(run.total)} runs; the weights are freed.` : ''}
        </span>
      </div>
    </>
  );
}

/** How long it takes, as far as that can be said before it. */
function toDuration(kind: 'webgpu' | 'wasm', isSoftware: boolean): string {
  const rounds = '12 to 32 runs of each of 7 regimes';
  if (kind === 'wasm') return `${rounds}: minutes`;
  return isSoftware ? `${rounds}: on this emulated GPU, very long` : `${rounds}, and 11 more where kernels are timed`;
}
