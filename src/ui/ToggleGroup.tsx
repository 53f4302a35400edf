import type { ReactNode } from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import buttonStyles from './Button.module.css';
import styles from './ToggleGroup.module.css';

interface ToggleGroupProps<T extends string | number> {
  /** Id of the element that names the group. */
  labelId: string;
  toggles: readonly { value: T; label: ReactNode }[];
  /** Values that are on. */
  chosen: readonly T[];
  /** Told what is on then, in the order of the toggles. */
  onChange: (chosen: readonly T[]) => void;
  /** `level` for a scale of small steps, `chip` for choices with names. */
  look: 'level' | 'chip';
}

/** Small choices, each on or off; one stop of the Tab key, arrow keys from one to the next. */
export function ToggleGroup<T extends string | number>(props: ToggleGroupProps<T>) {
  const { labelId, toggles, chosen, onChange, look } = props;
  return (
    <ToggleButtonGroup
      className={styles.group ?? ''}
      aria-labelledby={labelId}
      selectionMode="multiple"
      selectedKeys={chosen}
      onSelectionChange={(keys) => onChange(toggles.flatMap(({ value }) => (keys.has(value) ? [value] : [])))}
    >
      {toggles.map(({ value, label }) => (
        <ToggleButton key={value} id={value} className={`${buttonStyles.button} ${buttonStyles[look]}`}>
          {label}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
