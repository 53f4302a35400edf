import { DeviceStatus } from '../features/device/DeviceStatus.tsx';
import { RecoverySwitch } from '../features/recovery/RecoverySwitch.tsx';
import { useSettingsStore } from '../state/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { CopyButton } from '../ui/CopyButton.tsx';
import styles from './Header.module.css';
import { useIsDark } from './use-theme.ts';

/** Name, question, the switch, and what runs the model; stays in sight while the page scrolls. */
export function Header() {
  const isDark = useIsDark();
  const setTheme = useSettingsStore((state) => state.setTheme);
  const textSize = useSettingsStore((state) => state.textSize);
  const setTextSize = useSettingsStore((state) => state.setTextSize);
  const toLink = useSettingsStore((state) => state.toLink);
  return (
    <header className={styles.header}>
      <div className={styles.name}>
        <h1>Recall Lab</h1>
        <p>Forgotten, or only displaced?</p>
      </div>
      <RecoverySwitch />
      <div className={styles.tools}>
        <DeviceStatus />
        <CopyButton label="Copy link" text={toLink} />
        <Button
          look="quiet"
          isPressed={textSize === 'large'}
          label="A+ Large type"
          onPress={() => setTextSize(textSize === 'large' ? 'normal' : 'large')}
        >
          A+
        </Button>
        <Button
          look="quiet"
          icon={isDark ? 'sun' : 'moon'}
          label={isDark ? 'Light theme' : 'Dark theme'}
          onPress={() => setTheme(isDark ? 'light' : 'dark')}
        >
          {isDark ? 'Light' : 'Dark'}
        </Button>
      </div>
    </header>
  );
}
