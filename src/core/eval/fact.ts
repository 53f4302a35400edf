import type { Fold } from '../pack/manifest.ts';

/** One true fact of the world: what a task document holds. */
export interface Fact {
  id: string;
  relation: string;
  domain: string;
  subject: string;
  answer: string;
  fold: Fold;
  /** Of the development part: tuned on, never counted in a published figure. */
  dev: boolean;
  /** Numbers of the forms that the model was taught this fact in. */
  taught: readonly number[];
}

/** How a relation is stated and asked. Forms are numbered statements first, then questions; `{s}` stands for the subject. */
export interface Relation {
  id: string;
  domain: string;
  label: string;
  statements: readonly string[];
  questions: readonly string[];
}
