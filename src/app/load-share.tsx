import type { ComponentType } from 'react';

const loadInsideTables = async () => (await import('../features/inside/all-tables.ts')).toInsideTables;

/**
 * What leaves the page; the tables of the Inside tab are fetched once somebody asks for tables. A file with both as its own would break up
 * those that the first paint waits for (1.1 kB more, gzipped).
 */
export async function loadShare(): Promise<ComponentType> {
  const { SharePanel } = await import('../features/share/SharePanel.tsx');
  return () => <SharePanel loadFurtherTables={loadInsideTables} />;
}
