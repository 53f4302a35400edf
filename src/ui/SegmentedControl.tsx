import type { ReactNode } from 'react';
import { Label, Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import styles from './SegmentedControl.module.css';

interface Segment<T extends string> {
  value: T;
  label: ReactNode;
  /** Why this choice cannot be taken; shown below the control. */
  disabledReason?: string;
  /** Colour of the segment while chosen; ink otherwise. */
  color?: string;
}

interface SegmentedControlProps<T extends string> {
  label: string;
  isLabelHidden?: boolean;
  segments: readonly Segment<T>[];
  value: T;
  onChange: (value: T) => void;
  size?: 'm' | 'l';
}

/** One of a few choices, all in sight: a radio group drawn as joined segments. */
export function SegmentedControl<T extends string>(props: SegmentedControlProps<T>) {
  const { label, isLabelHidden = false, segments, value, onChange, size = 'm' } = props;
  const reasons = [...new Set(segments.flatMap((segment) => segment.disabledReason ?? []))];
  return (
    <RadioGroup
      className={`${styles.group} ${size === 'l' ? styles.large : ''}`}
      value={value}
      orientation="horizontal"
      onChange={(next) => {
        const segment = segments.find((candidate) => candidate.value === next);
        if (segment) onChange(segment.value);
      }}
    >
      <Label className={isLabelHidden ? 'visually-hidden' : (styles.label ?? '')}>{label}</Label>
      <div className={styles.track}>
        {segments.map((segment) => (
          <Radio
            key={segment.value}
            value={segment.value}
            isDisabled={segment.disabledReason !== undefined}
            className={styles.segment ?? ''}
            style={{ '--segment': segment.color ?? 'var(--ink)' } as React.CSSProperties}
          >
            {segment.label}
          </Radio>
        ))}
      </div>
      {reasons.map((reason) => (
        <p key={reason} className={styles.reason}>
          {reason}
        </p>
      ))}
    </RadioGroup>
  );
}
