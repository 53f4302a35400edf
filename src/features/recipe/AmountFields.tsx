import { PATTERN_NAMES, type PruningAmount } from '../../core/compress/pruning-amount.ts';
import { formatShare } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SliderField } from '../../ui/SliderField.tsx';
import { Overrides } from './Overrides.tsx';

/** What the slider starts from where a pattern had no sparsity to come from. */
const USUAL_SPARSITY = 0.5;

interface AmountFieldsProps {
  amount: PruningAmount;
  onChange: (amount: PruningAmount) => void;
}

/** How much goes: a share of the weights, or all but N of every M neighbours. */
export function AmountFields({ amount, onChange }: AmountFieldsProps) {
  return (
    <>
      <SegmentedControl
        label="Kept of neighbouring inputs"
        segments={[{ value: 'any', label: 'any' }, ...PATTERN_NAMES.map((name) => ({ value: name, label: name }))]}
        value={amount.pattern ?? 'any'}
        onChange={(value) => {
          const pattern = PATTERN_NAMES.find((name) => name === value);
          onChange(pattern === undefined ? { sparsity: amount.sparsity ?? USUAL_SPARSITY } : { pattern });
        }}
      />
      {amount.pattern === undefined ? (
        <>
          <SliderField
            label="Sparsity"
            value={Math.round(amount.sparsity * 100)}
            min={0}
            max={95}
            step={1}
            valueText={formatShare(amount.sparsity, 0)}
            onChange={(percent) => onChange({ ...amount, sparsity: percent / 100 })}
          />
          <Overrides
            overrides={amount.sparsityPerMatrix}
            noun="a sparsity"
            toText={(sparsity) => formatShare(sparsity, 0)}
            dropLabel="Same sparsity everywhere"
            onDrop={() => onChange({ sparsity: amount.sparsity })}
          />
        </>
      ) : null}
    </>
  );
}
