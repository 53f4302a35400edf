import { useLayoutEffect, useRef } from 'react';
import { Label, Slider, SliderOutput, SliderThumb, SliderTrack } from 'react-aria-components/Slider';
import styles from './SliderField.module.css';

interface SliderFieldProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** The value with its unit, as printed and as read aloud. */
  valueText: string;
  /** Called while the thumb moves. */
  onChange: (value: number) => void;
  isDisabled?: boolean;
}

export function SliderField({
  label,
  value,
  min,
  max,
  step,
  valueText,
  onChange,
  isDisabled = false,
}: SliderFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  // The library reads the bare number aloud: 46 for 46 %.
  useLayoutEffect(() => input.current?.setAttribute('aria-valuetext', valueText));
  // A link may ask for more than the control offers, and what is set must not be shown as something else.
  const [least, most] = [Math.min(min, value), Math.max(max, value)];
  const share = most > least ? (value - least) / (most - least) : 0;
  return (
    <Slider
      className={styles.slider ?? ''}
      value={value}
      minValue={least}
      maxValue={most}
      step={step}
      isDisabled={isDisabled}
      onChange={(next) => onChange(typeof next === 'number' ? next : (next[0] ?? min))}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      <SliderOutput className={styles.output ?? ''}>{valueText}</SliderOutput>
      <SliderTrack className={styles.track ?? ''}>
        <div className={styles.rail}>
          <div className={styles.fill} style={{ inlineSize: `${share * 100}%` }} />
        </div>
        <SliderThumb className={styles.thumb ?? ''} inputRef={input} />
      </SliderTrack>
    </Slider>
  );
}
