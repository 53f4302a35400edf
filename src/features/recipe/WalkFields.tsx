import type { WalkOptions } from '../../core/compress/column-walk.ts';
import { formatShare } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SliderField } from '../../ui/SliderField.tsx';

/** Offered blocks, in columns; a recipe from a link may have another, which then stands among them. */
const BLOCK_SIZES = [32, 64, 128, 256];

interface WalkFieldsProps {
  step: WalkOptions;
  /** Columns that a block holds whole, 1 unless named. */
  groupSize?: number;
  onChange: (changes: Partial<WalkOptions>) => void;
}

/** How SparseGPT and GPTQ walk the columns of a matrix. */
export function WalkFields({ step, groupSize = 1, onChange }: WalkFieldsProps) {
  const blockSizes = [...new Set([...BLOCK_SIZES, step.blockSize])]
    .filter((blockSize) => blockSize % groupSize === 0)
    .sort((a, b) => a - b);
  return (
    <>
      <SegmentedControl
        label="Columns in a block"
        segments={blockSizes.map((blockSize) => ({ value: String(blockSize), label: String(blockSize) }))}
        value={String(step.blockSize)}
        onChange={(value) => onChange({ blockSize: Number(value) })}
      />
      <SliderField
        label="Dampening"
        value={step.dampening * 1000}
        min={1}
        max={100}
        step={1}
        valueText={formatShare(step.dampening, 1)}
        onChange={(permille) => onChange({ dampening: permille / 1000 })}
      />
    </>
  );
}
