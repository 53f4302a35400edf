import { type ReactNode, useState } from 'react';
import { LINEAR_NAMES } from '../../core/checkpoint/checkpoint.ts';
import { BITS } from '../../core/compress/grid.ts';
import { levelUnit, type MatrixLevel, matrixLevelOf, withLevel } from '../../core/compress/matrix-level.ts';
import type { RecipeStep } from '../../core/compress/recipe.ts';
import { formatShare } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SliderField } from '../../ui/SliderField.tsx';
import styles from './MatrixMap.module.css';

interface MatrixMapProps {
  step: RecipeStep;
  layers: number;
  onChange: (step: RecipeStep) => void;
}

/** Heads of the columns: the matrices of a layer. */
const SHORT_NAMES = LINEAR_NAMES.map((name) => ({ name, short: name.replace(/^.*\.|_proj$/g, '') }));
const FIRST_SPARSITY = 0.25;
const FIRST_BITS = 8;

/** Which matrices a step changes, and how far each: a level is chosen, then put on matrices, columns or layers. */
export function MatrixMap({ step, layers, onChange }: MatrixMapProps) {
  const unit = levelUnit(step);
  const [kind, setKind] = useState<MatrixLevel['kind']>('excluded');
  const [own, setOwn] = useState({ bits: FIRST_BITS, sparsity: FIRST_SPARSITY });
  const brush = kind === 'own' && unit === null ? 'excluded' : kind;
  const wanted: MatrixLevel =
    brush === 'own' && unit !== null
      ? { kind: 'own', level: own[unit] }
      : { kind: brush === 'own' ? 'excluded' : brush };
  // Once more on what has it already takes it back.
  const paint = (modules: readonly string[]) => {
    const has = modules.every((module) => isSame(matrixLevelOf(step, module), wanted));
    onChange(withLevel(step, modules, has ? { kind: 'usual' } : wanted));
  };
  const rows = Array.from({ length: layers }, (_, layer) => layer);
  const toModule = (layer: number, name: string) => `model.layers.${layer}.${name}`;
  return (
    <div className={styles.map}>
      <SegmentedControl<MatrixLevel['kind']>
        label="Press a matrix, a column or a layer to"
        segments={[
          { value: 'excluded', label: 'leave out' },
          ...(unit === null ? [] : [{ value: 'own' as const, label: `set ${unit}` }]),
          { value: 'usual', label: 'reset' },
        ]}
        value={brush}
        onChange={setKind}
      />
      {brush === 'own' && unit === 'bits' ? (
        <SegmentedControl
          label="Bits of its own"
          segments={BITS.map((bits) => ({ value: String(bits), label: String(bits) }))}
          value={String(own.bits)}
          onChange={(bits) => setOwn({ ...own, bits: Number(bits) })}
        />
      ) : null}
      {brush === 'own' && unit === 'sparsity' ? (
        <SliderField
          label="Sparsity of its own"
          value={Math.round(own.sparsity * 100)}
          min={0}
          max={95}
          step={1}
          valueText={formatShare(own.sparsity, 0)}
          onChange={(percent) => setOwn({ ...own, sparsity: percent / 100 })}
        />
      ) : null}
      <table className={styles.table}>
        <caption className="visually-hidden">Matrices of the model, by layer</caption>
        <thead>
          <tr>
            <td />
            {SHORT_NAMES.map(({ name, short }) => (
              <th key={name} scope="col">
                <MapButton
                  label={`${short}, all layers`}
                  onPress={() => paint(rows.map((layer) => toModule(layer, name)))}
                >
                  {short}
                </MapButton>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((layer) => (
            <tr key={layer}>
              <th scope="row">
                <MapButton
                  label={`Layer ${layer}, all matrices`}
                  onPress={() => paint(LINEAR_NAMES.map((name) => toModule(layer, name)))}
                >
                  {layer}
                </MapButton>
              </th>
              {SHORT_NAMES.map(({ name, short }) => {
                const level = matrixLevelOf(step, toModule(layer, name));
                return (
                  <td key={name} data-kind={level.kind}>
                    <MapButton
                      label={`Layer ${layer}, ${short}: ${toWords(level, unit)}`}
                      onPress={() => paint([toModule(layer, name)])}
                    >
                      {toMark(level, unit)}
                    </MapButton>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MapButton({ label, onPress, children }: { label: string; onPress: () => void; children: ReactNode }) {
  return (
    <button type="button" className={styles.cell} aria-label={label} title={label} onClick={onPress}>
      {children}
    </button>
  );
}

function isSame(one: MatrixLevel, other: MatrixLevel): boolean {
  return one.kind === other.kind && (one.kind !== 'own' || other.kind !== 'own' || one.level === other.level);
}

function toMark(level: MatrixLevel, unit: 'bits' | 'sparsity' | null): string {
  switch (level.kind) {
    case 'usual':
      return '·';
    case 'excluded':
      return '–';
    case 'own':
      return unit === 'sparsity' ? String(Math.round(level.level * 100)) : String(level.level);
    default:
      return level satisfies never;
  }
}

function toWords(level: MatrixLevel, unit: 'bits' | 'sparsity' | null): string {
  switch (level.kind) {
    case 'usual':
      return 'as the step says';
    case 'excluded':
      return 'left out';
    case 'own':
      return unit === 'sparsity' ? `sparsity ${formatShare(level.level, 0)}` : `${level.level} bits`;
    default:
      return level satisfies never;
  }
}
