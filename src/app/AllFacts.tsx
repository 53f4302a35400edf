import { FactsDialog } from '../features/facts/FactsDialog.tsx';
import { useIsIdle } from '../ui/charts/use-is-idle.ts';
import { LazyPanel } from './LazyPanel.tsx';

const loadFactList = async () => (await import('../features/facts/FactList.tsx')).FactList;

/** All facts of the pack; the code of the list is fetched once the page stands, so that it opens without a network too. */
export function AllFacts() {
  useIsIdle(loadFactList);
  return <FactsDialog list={<LazyPanel name="All facts" load={loadFactList} place={null} />} />;
}
