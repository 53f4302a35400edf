import { toDeviceReport } from '../../state/device-report.ts';
import { useEngineStore, useEvaluateStore, usePackStore } from '../../state/hooks.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';

/** Copies what somebody who helps needs to know: device, runtime, what failed, live figures; nothing that was typed. */
export function CopyReport() {
  const engine = useEngineStore((state) => state.engine);
  const pack = usePackStore((state) => state.pack);
  const live = useEvaluateStore((state) => state.live);
  return <CopyButton label="Copy device report" text={() => toDeviceReport(engine, pack, live)} />;
}
