import { Button } from '../../ui/Button.tsx';
import styles from './RecipePanel.module.css';

interface OverridesProps {
  /** What single matrices have instead of the usual, by module name. */
  overrides: Readonly<Record<string, number>> | undefined;
  /** What these are, such as `bits`. */
  noun: string;
  toText: (value: number) => string;
  dropLabel: string;
  onDrop: () => void;
}

/** The matrices that differ from the rest, and a way to make them alike. */
export function Overrides({ overrides, noun, toText, dropLabel, onDrop }: OverridesProps) {
  const entries = Object.entries(overrides ?? {});
  if (entries.length === 0) return null;
  return (
    <div className={styles.group}>
      <details className={styles.note}>
        <summary>
          {entries.length} matrices have {noun} of their own
        </summary>
        <ul>
          {entries.map(([name, value]) => (
            <li key={name}>
              {name.replace('model.layers.', 'layer ').replace(/\.(self_attn|mlp)\./, ', ')}: {toText(value)}
            </li>
          ))}
        </ul>
      </details>
      <div>
        <Button onPress={onDrop}>{dropLabel}</Button>
      </div>
    </div>
  );
}
