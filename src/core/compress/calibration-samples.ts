import type { Task } from '../eval/tasks.ts';
import { toContext, toTarget } from '../eval/tasks.ts';
import { seededRandom, shuffled } from '../random.ts';
import type { CalibrationOptions } from './calibration.ts';

/** One sentence of a calibration set, in the parts that are encoded apart: context and target, or a general sentence as a whole. */
export type CalibrationSentence = readonly string[];

/** Every taught form of the calibration facts, in the order of the documents and forms ascending, then the general sentences. */
export function toCalibrationSentences(tasks: readonly Task[], general: readonly string[]): CalibrationSentence[] {
  const ofFacts = tasks.flatMap(({ facts, relations }) =>
    facts
      .filter(({ fold }) => fold === 'calibration')
      .flatMap((fact) => {
        const relation = relations.get(fact.relation);
        if (relation === undefined) return [];
        const forms = [...fact.taught].sort((a, b) => a - b);
        return forms.map((form) => [toContext(fact, relation, form), toTarget(fact.answer)]);
      }),
  );
  return [...ofFacts, ...general.map((text) => [text])];
}

/** Token ids of the sentences that the options draw, each with begin and end token; all of them where fewer are there. */
export function drawSamples(
  sentences: readonly CalibrationSentence[],
  { samples, seed }: CalibrationOptions,
  tokens: { encode(text: string): readonly number[]; bosTokenId: number; eosTokenId: number },
): number[][] {
  return shuffled(sentences, seededRandom(seed))
    .slice(0, samples)
    .map((parts) => [tokens.bosTokenId, ...parts.flatMap((part) => tokens.encode(part)), tokens.eosTokenId]);
}
