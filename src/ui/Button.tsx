import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import styles from './Button.module.css';
import { Icon, type IconName } from './Icon.tsx';

interface ButtonProps {
  children: ReactNode;
  onPress: () => void;
  /** `primary` is for the one thing to do next, `chip` for one of many small choices. */
  look?: 'primary' | 'plain' | 'quiet' | 'chip' | 'row' | 'stop';
  icon?: IconName;
  isDisabled?: boolean;
  /** What assistive technology reads where the visible words are too short. */
  label?: string;
  isPressed?: boolean;
  /** The id of a text beside it that says more, such as why it is disabled. */
  describedBy?: string;
}

export function Button({
  children,
  onPress,
  look = 'plain',
  icon,
  isDisabled = false,
  label,
  isPressed,
  describedBy,
}: ButtonProps) {
  return (
    <AriaButton
      className={`${styles.button} ${styles[look]}`}
      onPress={onPress}
      isDisabled={isDisabled}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
      {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
    >
      {icon ? <Icon name={icon} /> : null}
      {children}
    </AriaButton>
  );
}
