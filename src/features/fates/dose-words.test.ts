import { expect, test } from 'vitest';
import type { DosePoint } from '../../state/fates-state.ts';
import { makeDosePoint } from '../../testing/make-findings.ts';
import { makeOutcomeSet } from '../../testing/make-outcomes.ts';
import { toDoseText } from './dose-words.ts';

/** A recipe under which so many of 100 lost facts are displaced, the next relearned; shuffled answers bring back `luck`. */
async function makePoint(label: string, displaced: number, relearned: number, luck = 0): Promise<DosePoint> {
  const { set } = makeOutcomeSet({
    facts: 100,
    keys: ['prompt', 'lora-merged'],
    fateOf: (i, _, isShuffled) => {
      if (isShuffled) return i < luck ? 'displaced' : 'lost';
      return i < displaced ? 'displaced' : i < displaced + relearned ? 'relearned' : 'lost';
    },
  });
  return { ...(await makeDosePoint(set)), recipeId: label, label };
}

test('tells under which recipes most of the lost facts are displaced or relearned, by whole intervals', async () => {
  const points = [
    await makePoint('Mild', 70, 10),
    // 55 of 100 is more than half, its interval is not above it.
    await makePoint('Middle', 55, 40),
    await makePoint('Severe', 10, 80),
  ];
  expect(toDoseText(points)).toBe(
    'Where a prompt suffices: with Prompt, most of the lost facts are displaced under 1 of 3 recipes (Mild). ' +
      'Where only retraining helps: with LoRA-merged, most are relearned under 1 of 3 recipes (Severe). ' +
      'Most: the whole interval lies above half, and of displaced facts above luck; no correction is made for the number of recipes.',
  );
});

test('does not call facts displaced that shuffled answers bring back too', async () => {
  const points = [await makePoint('Mild', 70, 10, 68), await makePoint('Severe', 10, 80)];
  expect(toDoseText(points)).toContain('displaced under none of 2 recipes');
});
