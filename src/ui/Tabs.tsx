import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs';
import styles from './Tabs.module.css';

interface TabsProps {
  /** What the tabs are views of. */
  label: string;
  tabs: readonly { id: string; title: string; content: ReactNode }[];
  /** Id of the one in sight; the first one where there is none of that id. */
  selected: string | null;
  onSelect: (id: string) => void;
}

/** Views that share one place; arrow keys move between their titles. */
export function Tabs({ label, tabs, selected, onSelect }: TabsProps) {
  const open = tabs.find(({ id }) => id === selected) ?? tabs[0];
  return (
    <AriaTabs
      className={styles.tabs ?? ''}
      {...(open && { selectedKey: open.id })}
      onSelectionChange={(key) => onSelect(String(key))}
    >
      <TabList className={styles.list ?? ''} aria-label={label}>
        {tabs.map(({ id, title }) => (
          <Tab key={id} id={id} className={styles.tab ?? ''}>
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id} className={styles.panel ?? ''}>
          {content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
