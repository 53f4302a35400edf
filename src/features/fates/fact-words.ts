import type { FactAnswer, FactAnswers, FactRole } from '../../state/fates-state.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatProbability } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import type { AnswerWords } from './answer-words.ts';
import type { FactFigures, FactLine, FactRow } from './fact-rows.ts';

/** A regime's part in the fate of a fact. */
export function toRoleLabel(role: FactRole, key: TrainedKey): string {
  switch (role) {
    case 'dense':
      return 'Dense';
    case 'variant':
      return 'Compressed';
    case 'heldOut':
      return `${toRegimeLook(key).label}, never saw it`;
    case 'seen':
      return `${toRegimeLook(key).label}, saw it`;
    default:
      return role satisfies never;
  }
}

/** `2 of 3`. */
export function toFormsText({ forms }: Pick<FactFigures, 'forms'>): string {
  return `${forms.filter((form) => form === true).length} of ${forms.length}`;
}

/** A fact as the map speaks it, with every regime of `lines`; `wordsOf` gives what each answers. */
export function toSpoken(
  { fact, relation, fate }: FactRow,
  lines: readonly FactLine[],
  wordsOf: (line: FactLine, figures: FactFigures) => AnswerWords,
): string {
  const parts = lines.flatMap((line) =>
    line.parts.flatMap((figures) => {
      if (figures === null) return [];
      const label = isAlone(line.key) ? toRegimeLook(line.key).label : toRoleLabel(figures.role, line.key);
      const words = wordsOf(line, figures);
      const said = words.status === 'said' && words.isRight === false ? `, answers ${words.text}` : '';
      return `${label} ${toFormsText(figures)} right, ${formatProbability(figures.probability)}${said}`;
    }),
  );
  return `${fact.subject}, ${relation.label}: ${fact.answer}. ${toFateLook(fate).label}. ${parts.join('. ')}.`;
}

function isAlone(key: FactLine['key']): key is 'dense' | 'compressed' {
  return key === 'dense' || key === 'compressed';
}

/** What a regime answers, as the readout prints it. */
export function toWordsText(words: AnswerWords): string {
  switch (words.status) {
    case 'said':
      return words.text;
    case 'asking':
      return 'asking';
    case 'failed':
      return 'could not be asked';
    case 'not-recorded':
      return 'words not recorded';
    case 'not-asked':
      return 'not asked';
    default:
      return words satisfies never;
  }
}

/** The answers of this device as the map speaks them: all at once, when the last of so many regimes has answered. */
export function toSpokenAnswers({ answers, key }: FactAnswers, regimes: number): string {
  const all = [...answers];
  if (all.length < regimes || all.some(([, { status }]) => status === 'asking')) return '';
  const said = all.map(([role, answer]) => `${toRoleLabel(role, key)}: ${toAnswerText(answer)}`);
  return `On this device. ${said.join('. ')}.`;
}

function toAnswerText(answer: FactAnswer): string {
  switch (answer.status) {
    case 'asking':
      return 'asking';
    case 'failed':
      return 'could not be asked';
    case 'done': {
      const isRight = answer.isRight === null ? '' : answer.isRight ? ', right' : ', wrong';
      const text = answer.text === '' ? '(empty answer)' : answer.text;
      return `${text}, ${formatProbability(answer.probability)}${isRight}`;
    }
    default:
      return answer satisfies never;
  }
}
