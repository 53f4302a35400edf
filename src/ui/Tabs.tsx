import { type ReactNode, useContext } from 'react';
import { useTabPanel } from 'react-aria/useTabList';
import { Tabs as AriaTabs, Tab, TabList, TabListStateContext } from 'react-aria-components/Tabs';
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
      {open ? (
        <TabPanel key={open.id} id={open.id}>
          {open.content}
        </TabPanel>
      ) : null}
    </AriaTabs>
  );
}

const NOT_WALKED = { current: null };

/**
 * The view in sight. react-aria's own panel walks through all that it holds, and again after every change, to learn whether the Tab key
 * finds something there: thousands of elements, in the task that draws them. There is something in every view, so nobody needs to ask.
 */
function TabPanel({ id, children }: { id: string; children: ReactNode }) {
  const { tabPanelProps } = useTabPanel({ id }, useContext(TabListStateContext), NOT_WALKED);
  return (
    <div {...tabPanelProps} tabIndex={undefined} className={styles.panel}>
      {children}
    </div>
  );
}
