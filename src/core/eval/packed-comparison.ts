import type { RegimeKey } from '../recover/regime.ts';
import {
  type Comparison,
  type ComparisonInput,
  compareDeclared,
  compareExploratory,
  compareFamily,
  type OtherRun,
  type RightByItem,
  type Side,
} from './comparisons.ts';
import type { BootstrapOptions } from './statistics.ts';

/** An item's place in the arrays of `PackedRegime` holds one of these. */
export const PACKED = { wrong: 0, right: 1, notAnswered: 2 } as const;

/** The answers of a regime, one byte an item: handing a map of thousands of texts to a worker would hold up the page. */
export interface PackedRegime {
  key: RegimeKey;
  heldOut: Uint8Array; // [items]
  seen: Uint8Array; // [items]
  isOneTwin?: boolean;
  run?: OtherRun;
}

export interface PackedComparisonInput
  extends Pick<ComparisonInput, 'presetItems' | 'pair' | 'wantedDifference' | 'isExploratory'> {
  /** The subject of every item, as a number; items in an order that does not hang on the run. */
  subjects: Int32Array; // [items]
  regimes: readonly PackedRegime[];
}

/** The answers of many recipes to the same items. */
export interface PackedFamilyInput extends Pick<PackedComparisonInput, 'subjects'> {
  recipes: readonly Pick<PackedComparisonInput, 'regimes' | 'presetItems' | 'pair'>[];
  /** How many comparisons are declared, at hand or not. */
  familySize: number;
}

/** The subject of every item as a number, counted in the order in which they first come. */
export function toSubjectNumbers(items: readonly { subject: string }[]): Int32Array {
  const numbers = new Map<string, number>();
  return Int32Array.from(items, ({ subject }) => {
    const number = numbers.get(subject) ?? numbers.size;
    numbers.set(subject, number);
    return number;
  });
}

/** `compareFamily` of answers as they come to a worker. */
export function comparePackedFamily(
  { subjects, recipes, familySize }: PackedFamilyInput,
  options?: BootstrapOptions,
): Comparison[][] {
  return compareFamily(
    recipes.map((recipe) => unpack({ ...recipe, subjects })),
    familySize,
    options,
  );
}

/** `compareDeclared` of answers as they come to a worker. */
export function comparePacked(packed: PackedComparisonInput, options?: BootstrapOptions): Comparison[] {
  return compareDeclared(unpack(packed), options);
}

/** `compareExploratory` of answers as they come to a worker. */
export function comparePackedExploratory(
  packed: PackedComparisonInput,
  first: Side,
  second: Side,
  options?: BootstrapOptions,
): Comparison | null {
  return compareExploratory(unpack(packed), first, second, options);
}

function unpack({ subjects, regimes, ...rest }: PackedComparisonInput): ComparisonInput {
  return {
    ...rest,
    items: Array.from(subjects, (subject, i) => ({ id: String(i), subject: String(subject) })),
    regimes: regimes.map((regime) => ({
      ...regime,
      heldOut: unpackAnswers(regime.heldOut),
      seen: unpackAnswers(regime.seen),
    })),
  };
}

function unpackAnswers(answers: Uint8Array): RightByItem {
  const right = new Map<string, boolean>();
  for (const [i, answer] of answers.entries()) {
    if (answer !== PACKED.notAnswered) right.set(String(i), answer === PACKED.right);
  }
  return right;
}
