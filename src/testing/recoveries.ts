import type { PackRepair } from '../core/pack/manifest.ts';
import type { Recovery } from '../core/recover/recovery.ts';

/** Every recovery that a repair of a pack serves. */
export function recoveriesOf(repair: PackRepair): Recovery[] {
  const { id: repairId } = repair;
  switch (repair.kind) {
    case 'prompt':
      return [{ kind: 'prompt', repairId }];
    case 'prefix':
      return [{ kind: 'prefix', repairId }];
    case 'pool':
      return [{ kind: 'idp', repairId }];
    case 'lora':
      return [
        { kind: 'lora-merged', repairId, recompress: false },
        { kind: 'lora-merged', repairId, recompress: true },
        { kind: 'lora-unmerged', repairId },
      ];
    default:
      return repair satisfies never;
  }
}
