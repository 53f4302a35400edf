import { useEffect, useMemo } from 'react';
import { LINEAR_NAMES } from '../../core/checkpoint/checkpoint.ts';
import type { MatrixReport } from '../../core/inside/capture.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import {
  useEngineStore,
  useInsideForm,
  useInsideMatrixStore,
  useInsideStore,
  usePackStore,
} from '../../state/hooks.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import { HistogramFigure } from './HistogramFigure.tsx';
import { LoraFigure } from './LoraFigure.tsx';
import { PatternFigure } from './PatternFigure.tsx';
import { NumberPicker, RegimePicker } from './pickers.tsx';
import { useLiveSource } from './use-live-source.ts';
import styles from './views.module.css';
import { toStages } from './weight-tables.ts';
import { joinModule, splitModule } from './weight-words.ts';

/** Regimes whose weights are their own; prompts and prefixes share those of the compressed model. */
const OWN_WEIGHTS: readonly RegimeKey[] = [
  'compressed',
  'lora-merged',
  'lora-r1',
  'lora-recompressed',
  'lora-unmerged',
];

/** One matrix before and after the recipe, where its zeros are, and what a LoRA adds to it. */
export function WeightsView() {
  const watch = useInsideMatrixStore((state) => state.watch);
  useEffect(() => watch(), [watch]);
  return (
    <div className={styles.view}>
      <Panel title="Matrix">
        <Pickers />
        <MatrixStatus />
      </Panel>
      <Figures />
    </div>
  );
}

function Pickers() {
  const { module, matrixOf } = useInsideForm((state) => state.choice);
  const choose = useInsideForm((state) => state.choose);
  const offered = useInsideStore((state) => state.offered);
  const numLayers = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.checkpoint.layers : 1));
  const { layer, name } = splitModule(module);
  return (
    <div className={styles.pickers}>
      <NumberPicker
        label="Layer"
        count={numLayers}
        value={layer}
        onChange={(next) => choose({ module: joinModule(next ?? 0, name) })}
      />
      <SelectField
        label="Matrix"
        groups={MATRIX_GROUPS}
        value={name}
        onChange={(next) => choose({ module: joinModule(layer, next) })}
      />
      <RegimePicker
        label="Weights of"
        offered={OWN_WEIGHTS.filter((key) => offered.includes(key))}
        value={matrixOf}
        onChange={(key) => choose({ matrixOf: key })}
      />
    </div>
  );
}

/** The seven matrices of a layer by their part of it. */
const MATRIX_GROUPS = [
  { label: 'Attention', options: toOptions('self_attn.') },
  { label: 'MLP', options: toOptions('mlp.') },
];

function toOptions(part: string): readonly { value: string; label: string }[] {
  return LINEAR_NAMES.filter((name) => name.startsWith(part)).map((value) => ({
    value,
    label: value.slice(part.length),
  }));
}

/** Why there are no figures yet; nothing once there are. */
function MatrixStatus() {
  const matrix = useInsideMatrixStore((state) => state.matrix);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  switch (matrix.status) {
    case 'none':
      return (
        <p className={styles.state}>
          {isReady
            ? 'The matrix is read as soon as the engine is free.'
            : 'Weights are read once the model runs on your device.'}
        </p>
      );
    case 'running':
      return <ProgressMeter label="Reading the matrix" share={null} />;
    case 'failed':
      return <ErrorNotice error={matrix.error} />;
    case 'ready':
      return null;
    default:
      return matrix satisfies never;
  }
}

function Figures() {
  const report = useInsideMatrixStore(({ matrix }) => (matrix.status === 'ready' ? matrix.of : null));
  return report === null ? null : <FiguresOf report={report} />;
}

function FiguresOf({ report }: { report: MatrixReport }) {
  // In the same transition as the report: the name of another regime never stands over these weights.
  const regime = useInsideStore((state) => state.choice.matrixOf);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const source = useLiveSource();
  const stages = useMemo(() => toStages(report, regime), [report, regime]);
  const date = source?.date ?? null;
  const file = useMemo(() => ({ pack: packId, module: report.module, regime, date }), [packId, report, regime, date]);
  const shown = { report, file, source };
  return (
    <div className={styles.pair}>
      <div className={styles.part}>
        <HistogramFigure {...shown} stages={stages} />
        <LoraFigure {...shown} />
      </div>
      <PatternFigure key={report.module} {...shown} stages={stages} />
    </div>
  );
}
