import type { ReactNode } from 'react';
import type { MethodId, RecipeStep, StepOf } from '../../core/compress/recipe.ts';
import { AwqFields } from './AwqFields.tsx';
import { GptqFields } from './GptqFields.tsx';
import { MagnitudeFields } from './MagnitudeFields.tsx';
import { RtnFields } from './RtnFields.tsx';
import { SparsegptFields } from './SparsegptFields.tsx';
import { UnitFields } from './UnitFields.tsx';
import { WandaFields } from './WandaFields.tsx';

interface FieldsProps<Step extends RecipeStep> {
  step: Step;
  onChange(step: Step): void;
}

interface OptionsFields<Step extends RecipeStep> {
  Fields(props: FieldsProps<Step>): ReactNode;
}

/** The fields of every method's options. */
const FORMS: { readonly [Id in MethodId]: OptionsFields<StepOf<Id>> } = {
  magnitude: { Fields: MagnitudeFields },
  wanda: { Fields: WandaFields },
  sparsegpt: { Fields: SparsegptFields },
  rtn: { Fields: RtnFields },
  gptq: { Fields: GptqFields },
  awq: { Fields: AwqFields },
  neurons: { Fields: UnitFields },
  heads: { Fields: UnitFields },
};

/** The options of a step. A step only ever reaches the fields of its own method, which therefore stand here for any step. */
export function OptionsForm(props: FieldsProps<RecipeStep>) {
  const { Fields }: OptionsFields<RecipeStep> = FORMS[props.step.method];
  return <Fields {...props} />;
}
