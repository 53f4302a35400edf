import type { RegimeKey } from '../../core/recover/regime.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SelectField } from '../../ui/SelectField.tsx';

interface RegimePickerProps {
  label: string;
  offered: readonly RegimeKey[];
  value: RegimeKey;
  onChange: (key: RegimeKey) => void;
}

/** One of the regimes that the recipe and the pack offer; one that they do not offer stays in sight while it is chosen. */
export function RegimePicker({ label, offered, value, onChange }: RegimePickerProps) {
  const keys = offered.includes(value) ? offered : [value, ...offered];
  const options = keys.map((key) => ({ value: key, label: toRegimeLook(key).label }));
  return <SelectField label={label} groups={[{ label: 'Regimes', options }]} value={value} onChange={onChange} />;
}

/** Beyond this a row of segments would break into lines. */
const MOST_SEGMENTS = 8;

interface NumberPickerProps {
  label: string;
  count: number;
  /** From 0; shown as 1. Null for all of them together. */
  value: number | null;
  /** What all of them together are called; without, one is always chosen. */
  all?: string;
  onChange: (value: number | null) => void;
}

/** One of so many layers or heads. */
export function NumberPicker({ label, count, value, all, onChange }: NumberPickerProps) {
  const numbers = Array.from({ length: Math.max(count, (value ?? -1) + 1) }, (_, i) => ({
    value: String(i),
    label: String(i + 1),
  }));
  const options = all === undefined ? numbers : [{ value: 'all', label: all }, ...numbers];
  const shared = {
    label,
    value: value === null ? 'all' : String(value),
    onChange: (chosen: string) => onChange(chosen === 'all' ? null : Number(chosen)),
  };
  if (options.length > MOST_SEGMENTS + 1) return <SelectField {...shared} groups={[{ label, options }]} />;
  return <SegmentedControl {...shared} segments={options} />;
}
