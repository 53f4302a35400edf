import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { type SourcedPoint, toSources } from './merge-results.ts';

/** A badge for each of the sources that a figure's points come from. */
export function SourceBadges({ points }: { points: readonly SourcedPoint[] }) {
  return toSources(points).map((source) => <SourceBadge key={source.kind} source={source} />);
}
