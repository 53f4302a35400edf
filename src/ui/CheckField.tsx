import type { ReactNode } from 'react';
import { Checkbox } from 'react-aria-components/Checkbox';
import styles from './CheckField.module.css';
import { Icon } from './Icon.tsx';

interface CheckFieldProps {
  children: ReactNode;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  isDisabled?: boolean;
}

export function CheckField({ children, isChecked, onChange, isDisabled = false }: CheckFieldProps) {
  return (
    <Checkbox className={styles.field ?? ''} isSelected={isChecked} onChange={onChange} isDisabled={isDisabled}>
      <span className={styles.box}>{isChecked ? <Icon name="check" /> : null}</span>
      {children}
    </Checkbox>
  );
}
