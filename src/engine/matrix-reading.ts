import { toMatrixReport } from '../core/inside/matrix-report.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { EngineCalls } from './protocol.ts';
import type { LoadOptions } from './runner-type.ts';
import { hearStop } from './stopping.ts';

/** A linear matrix of the regime's variant, with its LoRA where it has one; throws `input-invalid` for an unknown module, and `stopped` before it begins. */
export async function readMatrix(
  model: LoadedModel,
  { regime, module }: EngineCalls['inspectMatrix']['input'],
  options: LoadOptions,
): Promise<EngineCalls['inspectMatrix']['output']> {
  await hearStop(options.signal);
  const { variant } = await model.loadVariant(regime.recipe, options);
  const loraId = toLoraId(regime);
  if (loraId === null) return toMatrixReport(variant, module, null);
  const recompress = regime.recovery.kind === 'lora-merged' && regime.recovery.recompress;
  return toMatrixReport(variant, module, { lora: model.findLora(loraId, variant), recompress });
}

function toLoraId({ recovery }: Regime): string | null {
  switch (recovery.kind) {
    case 'lora-merged':
    case 'lora-unmerged':
      return recovery.repairId;
    case 'none':
    case 'text':
    case 'prompt':
    case 'idp':
    case 'prefix':
      return null;
    default:
      return recovery satisfies never;
  }
}
