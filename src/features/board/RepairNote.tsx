import type { PackRepair } from '../../core/pack/manifest.ts';
import { formatCount } from '../../ui/format.ts';
import styles from './BoardColumn.module.css';

/** What kind of repair this is, how large and how long it was trained. */
export function RepairNote({ repair }: { repair: PackRepair | null }) {
  if (repair === null) return null;
  return (
    <p className={styles.note}>
      {toMakeText(repair)}, trained{toHowText(repair)} for {isApart(repair) ? 'up to ' : ''}
      {formatCount(repair.steps)} steps on fold {repair.fold}
    </p>
  );
}

function toMakeText(repair: PackRepair): string {
  switch (repair.kind) {
    case 'prompt':
      return `One prompt of ${repair.virtualTokens} vectors`;
    case 'prefix':
      return `Prefix of ${repair.virtualTokens} vectors per layer`;
    case 'lora':
      return `LoRA of rank ${repair.r} on every linear matrix`;
    case 'pool':
      return `Pool of ${repair.virtualTokens.length} prompts of ${repair.virtualTokens.join(', ')} vectors`;
  }
}

/** The paper's pool is trained apart; the other is ours. */
function toHowText(repair: PackRepair): string {
  if (repair.kind !== 'pool') return '';
  return isApart(repair) ? ' apart, each on its own domains,' : ' together, with a loss on the routing,';
}

/** Prompts that are trained apart each stop where they were best. */
function isApart(repair: PackRepair): boolean {
  return repair.kind === 'pool' && repair.trained === 'apart';
}
