import type { DosePoint, DoseShares } from '../../state/fates-state.ts';
import { formatCount } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toDoses } from './dose-plots.ts';

/** More than this share of the lost facts is most of them; the whole interval has to lie above it. */
const MOST = 0.5;

/** Where a prompt suffices, and where only retraining helps: under which recipes most of the lost facts are of which fate, in words. */
export function toDoseText(points: readonly DosePoint[]): string {
  const prompt = toNames(points, ({ key, ofDamaged, shuffled, control }) => {
    const luck = Math.max(MOST, shuffled?.high ?? 0, control?.high ?? 0);
    return key === 'prompt' && ofDamaged.displaced !== null && ofDamaged.displaced.low > luck;
  });
  const lora = toNames(
    points,
    ({ key, ofDamaged: { relearned } }) => key === 'lora-merged' && relearned !== null && relearned.low > MOST,
  );
  const ofAll = (names: readonly string[]) =>
    names.length === 0
      ? `none of ${formatCount(points.length)} recipes`
      : `${formatCount(names.length)} of ${formatCount(points.length)} recipes (${names.join('; ')})`;
  return [
    `Where a prompt suffices: with ${toRegimeLook('prompt').label}, most of the lost facts are displaced under ${ofAll(prompt)}.`,
    `Where only retraining helps: with ${toRegimeLook('lora-merged').label}, most are relearned under ${ofAll(lora)}.`,
    'Most: the whole interval lies above half, and of displaced facts above luck; no correction is made for the number of recipes.',
  ].join(' ');
}

/** Recipes under which some repair is as asked for, from the least damage to the most. */
function toNames(points: readonly DosePoint[], isSo: (shares: DoseShares) => boolean): readonly string[] {
  return toDoses(points).flatMap(({ label, shares }) => (shares.some(isSo) ? [label] : []));
}
