import { readFileSync } from 'node:fs';
import type { Fact } from '../core/eval/fact.ts';
import { type ControlOutcome, type FactOutcome, isKnown, toFactOutcome } from '../core/eval/fates.ts';
import { parseTask } from '../core/eval/tasks.ts';
import { parseJson } from '../core/json.ts';

const QUESTIONS = 3;

/** A type of repair of a shipped recipe: its answers, and what `training/report.py` makes of them. */
export interface AnsweredRepair {
  recipeId: string;
  /** As the report names it, such as `lora-r8` or `single-shuffled`. */
  name: string;
  outcomes: readonly FactOutcome[];
  control: readonly ControlOutcome[];
  /** Facts per fate by the report's names; fates that no fact has are left out. */
  fates: Readonly<Record<string, number>>;
}

/** Answers of every repair of the shipped recipes of which there are both twins, from the cache of `training/measure.py`. */
export function readAnsweredRepairs(): AnsweredRepair[] {
  const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
  const json = parseJson(read('./fixtures/fates.json'), 'fates.json', 'input-invalid') as {
    dense: string;
    recipes: {
      id: string;
      right: string;
      repairs: { name: string; right: { A: string; B: string }; fates: Record<string, number> }[];
    }[];
  };
  const tasks = '../../public/packs/atlas/tasks';
  const { facts } = parseTask(read(`${tasks}/atlas.json`), read(`${tasks}/atlas.jsonl`));
  const asked = facts.filter(({ fold, dev }) => (fold === 'A' || fold === 'B') && !dev);
  const control = facts.filter(({ fold }) => fold === 'control');
  if (json.dense.length !== asked.length + control.length) throw new Error('the fixture is of another task');
  return json.recipes.flatMap(({ id, right: variant, repairs }) =>
    repairs.map(({ name, right, fates }) => ({
      recipeId: id,
      name,
      outcomes: asked.flatMap((fact, i) => toOutcome(fact, i, json.dense, variant, right) ?? []),
      control: control.map(({ subject }, i) => {
        const known = (digits: string) => isKnown(toForms(digits, asked.length + i)) === true;
        return { subject, variant: known(variant), twins: [known(right.A), known(right.B)] };
      }),
      fates,
    })),
  );
}

function toOutcome(
  { id, subject, fold }: Fact,
  i: number,
  dense: string,
  variant: string,
  twins: Record<'A' | 'B', string>,
) {
  const [own, other] = fold === 'A' ? [twins.A, twins.B] : [twins.B, twins.A];
  return toFactOutcome(id, subject, {
    dense: toForms(dense, i),
    variant: toForms(variant, i),
    heldOut: toForms(other, i),
    seen: toForms(own, i),
  });
}

/** As many right forms as the fact's digit says. */
function toForms(digits: string, i: number): boolean[] {
  return Array.from({ length: QUESTIONS }, (_, form) => form < Number(digits[i]));
}
