import { SharePanel } from '../features/share/SharePanel.tsx';

/** Fetched when tables are asked for, unless the tab has them already. */
const loadInsideTables = async () => (await import('../features/inside/all-tables.ts')).toInsideTables;

/** What leaves the page, with the tables of the Inside tab. */
export function Share() {
  return <SharePanel loadFurtherTables={loadInsideTables} />;
}
