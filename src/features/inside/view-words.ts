import type { InsideView } from '../../state/inside-state.ts';

interface ViewWords {
  label: string;
  /** What the view shows, as a sentence. */
  meaning: string;
  /** It looks at the question on the board; the others look at many questions, or at none. */
  isOfQuestion: boolean;
}

export const VIEW_WORDS: Readonly<Record<InsideView, ViewWords>> = {
  attention: {
    label: 'Attention',
    meaning:
      'Where every token looks, layer by layer, in two regimes and as their difference: does a repair look where the dense model looks?',
    isOfQuestion: true,
  },
  distance: {
    label: 'Distance',
    meaning:
      'How far every regime is from the dense model, and from the compressed one, averaged over many questions: does the repair go back to the dense path, or around it?',
    isOfQuestion: false,
  },
  lens: {
    label: 'Answer by layer',
    meaning:
      'What the model would say if it ended after each layer: where compression loses the answer, and where a repair finds it again.',
    isOfQuestion: true,
  },
  routing: {
    label: 'Routing',
    meaning: 'Which prompt of a pool the question is routed to, by how much, and what every other one would have said.',
    isOfQuestion: true,
  },
  weights: {
    label: 'Weights',
    meaning: 'One matrix before and after the recipe, and what a LoRA adds to it.',
    isOfQuestion: false,
  },
  patching: {
    label: 'Patching',
    meaning: 'Which part of one model’s run, put into the other’s, brings the right answer back.',
    isOfQuestion: true,
  },
};
