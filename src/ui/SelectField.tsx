import { useId } from 'react';
import styles from './SelectField.module.css';

interface SelectGroup<T extends string> {
  label: string;
  options: readonly { value: T; label: string }[];
}

interface SelectFieldProps<T extends string> {
  label: string;
  isLabelHidden?: boolean;
  groups: readonly SelectGroup<T>[];
  value: T;
  onChange: (value: T) => void;
}

/** One of many choices in groups: the browser's own list, which every keyboard, reader and phone knows. */
export function SelectField<T extends string>({
  label,
  isLabelHidden = false,
  groups,
  value,
  onChange,
}: SelectFieldProps<T>) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={isLabelHidden ? 'visually-hidden' : styles.label} htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className={styles.select}
        value={value}
        onChange={(event) => {
          const chosen = groups.flatMap(({ options }) => options).find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {groups.map((group) => (
          <optgroup key={group.label} label={group.label}>
            {group.options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}
