import { useNoticesStore } from '../state/hooks.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';

/** What a person should know and that stops nothing. */
export function Notices() {
  const notices = useNoticesStore((state) => state.notices);
  const dismiss = useNoticesStore((state) => state.dismiss);
  return notices.map((notice) => (
    <Notice
      key={notice.id}
      tone="warning"
      actions={
        <Button look="quiet" onPress={() => dismiss(notice.id)}>
          Dismiss
        </Button>
      }
    >
      <p>{notice.text}</p>
    </Notice>
  ));
}
