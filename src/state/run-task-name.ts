import * as z from 'zod/mini';

/** A task as runs and links name it: of its documents and keys, so one of one's own is known by what its files hold. */
export const runTaskName = z.object({
  name: z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)),
  fingerprint: z.string().check(z.regex(/^[0-9a-f]{16,64}$/)),
});

export type RunTaskName = z.infer<typeof runTaskName>;
